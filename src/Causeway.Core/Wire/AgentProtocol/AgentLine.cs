using System.Text.Json;
using Causeway.Core.Addressing;
using Causeway.Core.Wire.Cni;

namespace Causeway.Core.Wire.AgentProtocol;

/// <summary>What both directions share.</summary>
public static class AgentLine
{
    /// <summary>A longer line is no message of this protocol. Bytes.</summary>
    public const int MaxLength = 1 << 20;

    /// <summary>The socket below the agent's run directory.</summary>
    public const string SocketName = "agent.sock";

    /// <summary>Where the plugin looks when its configuration names no socket.</summary>
    public const string DefaultSocket = "/run/causeway/" + SocketName;

    internal static JsonElement Read(ReadOnlySpan<byte> line)
    {
        try
        {
            var json = JsonElement.Parse(line);
            return json.ValueKind == JsonValueKind.Object
                ? json
                : throw CniText.Wanted("message", "an object", json);
        }
        catch (JsonException e)
        {
            throw new CniException(CniErrorCode.Decode, "the message is not JSON", e.Message);
        }
    }

    internal static IpAddress Address(string text, string field) => IpAddress.TryParse(text, out var address)
        ? address
        : throw CniText.Invalid(field, $"'{text}' is not an IP address");

    internal static MacAddress Mac(string text, string field) => MacAddress.TryParse(text, out var mac)
        ? mac
        : throw CniText.Invalid(field, $"'{text}' is not a MAC address");
}
