using System.Collections.Immutable;
using System.Text.Json;
using Causeway.Core.Addressing;

namespace Causeway.Core.Wire.Cni;

/// <summary>One attachment, as GC lists those that are still in use.</summary>
public readonly record struct CniAttachmentId(string ContainerId, string IfName);

/// <summary>
/// The configuration that the runtime hands to this plugin on standard input (CNI specification 1.1.0,
/// section 1). Keys that this plugin does not know are other plugins' and are let through; those that it
/// would have to obey and cannot are refused with code 2.
/// </summary>
public sealed record NetworkConfiguration
{
    public required string CniVersion { get; init; }

    public required string Name { get; init; }

    /// <summary>The agent's socket; null for the default.</summary>
    public string? Socket { get; init; }

    /// <summary>Addresses that the runtime asks for (capability <c>ips</c>).</summary>
    public ImmutableArray<IpAddress> RequestedIps { get; init; } = [];

    /// <summary>The pod's MAC address that the runtime asks for (capability <c>mac</c>).</summary>
    public MacAddress? RequestedMac { get; init; }

    /// <summary>The result of the plugins before this one, or for CHECK and DEL of the whole list.</summary>
    public CniResult? PrevResult { get; init; }

    /// <summary>For GC: what is still in use; null when the runtime did not say.</summary>
    public ImmutableArray<CniAttachmentId>? ValidAttachments { get; init; }

    /// <summary>
    /// Throws <see cref="CniException"/>: code 6 for what is no JSON, 1 for a version that is not spoken,
    /// 2 and 7 with the field's name.
    /// </summary>
    public static NetworkConfiguration Parse(ReadOnlySpan<byte> utf8)
    {
        JsonElement json;
        try
        {
            json = JsonElement.Parse(utf8);
        }
        catch (JsonException e)
        {
            throw new CniException(CniErrorCode.Decode, "the network configuration is not JSON", e.Message);
        }
        try
        {
            return Read(json);
        }
        catch (InvalidOperationException)
        {
            throw CniText.Invalid("text", "a name holds bytes that are not Unicode text");
        }
    }

    private static NetworkConfiguration Read(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object) throw CniText.Wanted("configuration", "an object", json);
        var version = VersionOf(json);
        Cni.CniVersion.Require(version);
        var name = json.OptionalString("name", "") ?? "";
        if (NameProblem(name) is { } problem) throw CniText.Invalid("name", problem);
        RefuseUnsupported(json);
        var runtime = json.OptionalObject("runtimeConfig", "");
        return new NetworkConfiguration
        {
            CniVersion = version,
            Name = name,
            Socket = ReadSocket(json),
            RequestedIps = runtime is { } r ? ReadIps(r) : [],
            RequestedMac = runtime is { } m ? ReadMac(m) : null,
            PrevResult = json.OptionalObject("prevResult", "") is { } previous
                ? CniResultJson.Read(previous, version, "prevResult.")
                : null,
            ValidAttachments = ReadAttachments(json),
        };
    }

    internal static string VersionOf(JsonElement json) =>
        json.OptionalString("cniVersion", "") is { Length: > 0 } stated ? stated : Cni.CniVersion.Unstated;

    /// <summary>Null for a network name that the specification allows.</summary>
    internal static string? NameProblem(string name) =>
        name.Length == 0 ? "a network needs a name"
        : char.IsAsciiLetterOrDigit(name[0])
            && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-') ? null
        : $"'{name}' must start with a letter or digit and hold only letters, digits, '_', '.', '-'";

    private static void RefuseUnsupported(JsonElement json)
    {
        if (json.Member("ipam") is { } ipam && (ipam.ValueKind != JsonValueKind.Object || !IsEmpty(ipam)))
            throw Unsupported("ipam", ipam, "addresses come from the cluster's IPPools; leave it out");
        if (json.Flag("ipMasq", ""))
            throw Unsupported("ipMasq", json.GetProperty("ipMasq"), "set natOutgoing on the IPPool instead");
    }

    private static bool IsEmpty(JsonElement json) => json.GetPropertyCount() == 0;

    private static CniException Unsupported(string key, JsonElement value, string advice) => new(
        CniErrorCode.UnsupportedField, "unsupported field in the network configuration",
        $"{key}: {value.GetRawText()}: {advice}");

    private static string? ReadSocket(JsonElement json)
    {
        var socket = json.OptionalString("socket", "");
        if (socket is not null && !socket.StartsWith('/'))
            throw CniText.Invalid("socket", $"'{socket}' is not an absolute path");
        return socket;
    }

    private static ImmutableArray<IpAddress> ReadIps(JsonElement runtime)
    {
        const string Path = "runtimeConfig.";
        var addresses = ImmutableArray.CreateBuilder<IpAddress>();
        foreach (var text in runtime.Strings("ips", Path))
        {
            var where = $"{Path}ips[{addresses.Count}]";
            // Runtimes pass them with and without a prefix length; a pod carries host addresses in any case.
            if (InterfaceAddress.TryParse(text, out var with)) addresses.Add(with.Address);
            else if (IpAddress.TryParse(text, out var bare)) addresses.Add(bare);
            else throw CniText.Invalid(where, $"'{text}' is not an IP address");
        }
        if (addresses.GroupBy(a => a.Family).Any(family => family.Count() > 1))
            throw CniText.Invalid(Path + "ips", "a pod has one address of each family at most");
        return addresses.ToImmutable();
    }

    private static MacAddress? ReadMac(JsonElement runtime)
    {
        if (runtime.OptionalString("mac", "runtimeConfig.") is not { Length: > 0 } text) return null;
        return MacAddress.TryParse(text, out var mac) && !mac.IsMulticast && !mac.IsZero
            ? mac
            : throw CniText.Invalid("runtimeConfig.mac", $"'{text}' is not a unicast MAC address");
    }

    private static ImmutableArray<CniAttachmentId>? ReadAttachments(JsonElement json)
    {
        // The specification's key, and the one that its library also writes.
        var key = json.Member("cni.dev/valid-attachments") is null
            ? "cni.dev/attachments"
            : "cni.dev/valid-attachments";
        if (json.Member(key) is null) return null;
        var attachments = ImmutableArray.CreateBuilder<CniAttachmentId>();
        foreach (var item in json.Items(key, ""))
        {
            var path = $"{key}[{attachments.Count}]";
            if (item.ValueKind != JsonValueKind.Object) throw CniText.Wanted(path, "an object", item);
            var id = item.OptionalString("containerID", path + ".");
            var ifName = item.OptionalString("ifname", path + ".");
            // Guessing here would take the address of a pod that runs.
            if (string.IsNullOrEmpty(id) || string.IsNullOrEmpty(ifName))
                throw CniText.Invalid(path, "an attachment has containerID and ifname");
            attachments.Add(new(id, ifName));
        }
        return attachments.ToImmutable();
    }
}
