using System.Runtime.InteropServices;

namespace Causeway.Core.Wire.Netlink;

/// <summary>The kernel's answer to one request.</summary>
/// <param name="Error">0 for success, else a positive error number.</param>
/// <param name="Text">The extended acknowledgement: why, in the kernel's words.</param>
/// <param name="Offset">Where in the request the offending attribute stands, in bytes.</param>
/// <param name="MissingAttribute">The attribute that the kernel asks for and did not get.</param>
public readonly record struct NetlinkAck(int Error, string? Text, uint? Offset, uint? MissingAttribute)
{
    private const int FlagCapped = 0x100;
    private const int FlagAttributes = 0x200;

    private const int MessageText = 1;
    private const int MessageOffset = 2;
    private const int MissingType = 5;

    /// <summary>Reads NLMSG_ERROR (and NLMSG_DONE, whose body starts with the error too).</summary>
    public static NetlinkAck Read(NetlinkMessage message)
    {
        var payload = message.Payload;
        if (payload.Length < 4)
        {
            // Some kernels end a dump with an empty body.
            if (message.Type == NetlinkType.Done) return default;
            throw new NetlinkFormatException($"an error message of {payload.Length} bytes");
        }
        var error = -MemoryMarshal.Read<int>(payload);
        if (error < 0) error = 0;
        if (((int)message.Flags & FlagAttributes) == 0) return new(error, null, null, null);
        return ReadAttributes(error, payload[AttributesStart(message)..]);
    }

    /// <summary><c>: what the kernel said (at byte 28)</c>, or nothing.</summary>
    public string Explanation
    {
        get
        {
            var text = Text is null ? "" : $": {Text}";
            if (MissingAttribute is { } missing) text += $" (attribute {missing} is missing)";
            else if (Offset is { } offset) text += $" (at byte {offset} of the request)";
            return text;
        }
    }

    private static int AttributesStart(NetlinkMessage message)
    {
        if (message.Type == NetlinkType.Done) return 4;
        var echoed = 4 + NetlinkWriter.HeaderBytes;
        if (message.Payload.Length < echoed)
            throw new NetlinkFormatException($"an error message of {message.Payload.Length} bytes");
        if (((int)message.Flags & FlagCapped) != 0) return echoed;
        // The whole request is echoed before the attributes.
        var request = MemoryMarshal.Read<uint>(message.Payload[4..]);
        if (request > message.Payload.Length - 4)
            throw new NetlinkFormatException($"an echoed request of {request} bytes is cut short");
        return Math.Min(4 + (int)(request + 3 & ~3u), message.Payload.Length);
    }

    private static NetlinkAck ReadAttributes(int error, ReadOnlySpan<byte> attributes)
    {
        string? text = null;
        uint? offset = null, missing = null;
        foreach (var attribute in new NetlinkAttributes(attributes))
        {
            switch (attribute.Type)
            {
                case MessageText: text = attribute.Text; break;
                case MessageOffset: offset = attribute.U32; break;
                case MissingType: missing = attribute.U32; break;
            }
        }
        return new(error, text, offset, missing);
    }
}
