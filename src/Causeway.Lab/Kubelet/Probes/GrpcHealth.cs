using System.Buffers.Binary;
using System.Text;

namespace Causeway.Lab.Kubelet.Probes;

/// <summary>The two messages of the gRPC health protocol (grpc.health.v1) that a probe needs, in gRPC's
/// frames: a byte for compression, four for the length, the message.</summary>
public static class GrpcHealth
{
    public const string Path = "/grpc.health.v1.Health/Check";
    public const int Serving = 1;

    private const int FrameHead = 5;
    private const byte ServiceField = 0x0A; // field 1, length-delimited
    private const byte StatusField = 0x08; // field 1, varint

    /// <summary>HealthCheckRequest; an empty service asks for the whole server.</summary>
    public static byte[] Request(string service)
    {
        var name = Encoding.UTF8.GetBytes(service);
        List<byte> message = [];
        if (name.Length > 0)
        {
            message.Add(ServiceField);
            for (var length = (uint)name.Length; ; length >>= 7)
            {
                message.Add((byte)(length < 0x80 ? length : length & 0x7F | 0x80));
                if (length < 0x80) break;
            }
            message.AddRange(name);
        }
        var frame = new byte[FrameHead + message.Count];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Count);
        message.CopyTo(frame, FrameHead);
        return frame;
    }

    /// <summary>The status of a HealthCheckResponse; null when that is not what the bytes are.</summary>
    public static int? Status(ReadOnlySpan<byte> frame)
    {
        if (frame.Length < FrameHead || frame[0] != 0) return null;
        var length = BinaryPrimitives.ReadInt32BigEndian(frame[1..]);
        if (length < 0 || length > frame.Length - FrameHead) return null;
        var message = frame.Slice(FrameHead, length);
        // A status of 0 (unknown) is not written at all.
        if (message.IsEmpty) return 0;
        return message.Length >= 2 && message[0] == StatusField && message[1] < 0x80 ? message[1] : null;
    }
}
