using System.Collections.Immutable;
using System.Text.Json;
using Causeway.Core.Addressing;
using Causeway.Core.Wire.Cni;

namespace Causeway.Core.Wire.AgentProtocol;

/// <summary>One of a pod's addresses and the next hop of its default route in that family.</summary>
public readonly record struct AssignedAddress(IpAddress Address, IpAddress Gateway);

/// <summary>All that the plugin needs to build a pod's interface.</summary>
/// <param name="Addresses">At least one, at most one of each family, IPv4 first.</param>
/// <param name="Mtu">In bytes; 0 in the answer to Check.</param>
/// <param name="HostDevice">Name of the host's end.</param>
/// <param name="HostMac">Of the host's end: the gateways have it.</param>
/// <param name="Mac">Of the pod's end.</param>
public sealed record EndpointAssignment(
    ImmutableArray<AssignedAddress> Addresses, int Mtu, string HostDevice, MacAddress HostMac, MacAddress Mac)
{
    /// <summary>The next hop of every pod (RFC 3927 range): no pod and no node has it, the host's end
    /// answers.</summary>
    public static readonly IpAddress GatewayV4 = IpAddress.V4(0xA9FE_0101);

    /// <summary>fe80::1.</summary>
    public static readonly IpAddress GatewayV6 = IpAddress.V6(((UInt128)0xFE80 << 112) + 1);

    /// <summary>The same on every host device, so that a pod's neighbour entry outlives it.</summary>
    public static readonly MacAddress GatewayMac = new(0xEEEE_EEEE_EEEE);

    public static IpAddress GatewayOf(IpFamily family) => family == IpFamily.V4 ? GatewayV4 : GatewayV6;
}

/// <summary>One line from the agent to the plugin: an error, an assignment (Add, Check), or just that it is
/// done.</summary>
/// <param name="Existing">Add: this very interface was committed before.</param>
public sealed record AgentReply(
    CniError? Error = null, EndpointAssignment? Assignment = null, bool Existing = false)
{
    public static readonly AgentReply Done = new();

    /// <summary>One line of JSON, without its end.</summary>
    public string Print() => CniText.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteBoolean("ok", Error is null);
        if (Error is not null)
        {
            writer.WritePropertyName("error");
            Error.Write(writer);
        }
        if (Existing) writer.WriteBoolean("existing", true);
        if (Assignment is { } a)
        {
            writer.StringArray("addresses", [.. a.Addresses.Select(x => x.Address.ToString())]);
            writer.StringArray("gateways", [.. a.Addresses.Select(x => x.Gateway.ToString())]);
            writer.WriteNumber("mtu", a.Mtu);
            writer.WriteString("hostDevice", a.HostDevice);
            writer.WriteString("hostMac", a.HostMac.ToString());
            writer.WriteString("mac", a.Mac.ToString());
        }
        writer.WriteEndObject();
    });

    /// <summary>Throws <see cref="CniException"/> with code 6 or 7.</summary>
    public static AgentReply Parse(ReadOnlySpan<byte> line)
    {
        var json = AgentLine.Read(line);
        if (json.Member("error") is { } error)
            return new(CniError.Read(error) ?? throw CniText.Invalid("error", "it has no code and msg"));
        if (!json.Flag("ok", "")) throw CniText.Invalid("ok", "neither done nor an error");
        var assignment = json.Member("addresses") is null ? null : ReadAssignment(json);
        return new(null, assignment, json.Flag("existing", ""));
    }

    private static EndpointAssignment ReadAssignment(JsonElement json)
    {
        var addresses = json.Strings("addresses", "");
        var gateways = json.Strings("gateways", "");
        if (addresses.Count != gateways.Count) throw CniText.Invalid("gateways", "not one for each address");
        return new(
            [.. addresses.Zip(gateways, (a, g) =>
                new AssignedAddress(AgentLine.Address(a, "addresses"), AgentLine.Address(g, "gateways")))],
            json.OptionalInt("mtu", "") ?? 0,
            json.OptionalString("hostDevice", "") ?? throw CniText.Invalid("hostDevice", "it is missing"),
            AgentLine.Mac(json.OptionalString("hostMac", "") ?? "", "hostMac"),
            AgentLine.Mac(json.OptionalString("mac", "") ?? "", "mac"));
    }
}
