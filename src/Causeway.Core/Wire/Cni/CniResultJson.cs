using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Causeway.Core.Addressing;

namespace Causeway.Core.Wire.Cni;

/// <summary>
/// The shapes of results. 0.3.0 to 0.4.0 say the family in <c>ips[].version</c>; 1.0.0 dropped it;
/// 1.1.0 added the MTU and more to devices and routes.
/// </summary>
public static class CniResultJson
{
    /// <summary>The result in the shape of a supported version.</summary>
    public static string Print(CniResult result, string version) =>
        CniText.Write(writer => Write(writer, result, version));

    /// <summary>Throws <see cref="CniException"/>: code 6 for what is no JSON, 1 for a version that is not
    /// spoken, 7 with the field's path for the rest.</summary>
    /// <param name="text">What a plugin printed.</param>
    /// <param name="asked">The version of the configuration: a result without one has it too.</param>
    public static CniResult Parse(string text, string asked)
    {
        JsonElement json;
        try
        {
            json = JsonElement.Parse(text);
        }
        catch (JsonException e)
        {
            throw new CniException(CniErrorCode.Decode, "the result is not JSON", e.Message);
        }
        return Read(json, asked, "");
    }

    internal static void Write(Utf8JsonWriter writer, CniResult result, string version)
    {
        var rich = CniVersion.AtLeast(version, "1.1.0");
        writer.WriteStartObject();
        writer.WriteString("cniVersion", version);
        if (!result.Interfaces.IsEmpty)
        {
            writer.WriteStartArray("interfaces");
            foreach (var device in result.Interfaces) Write(writer, device, rich);
            writer.WriteEndArray();
        }
        if (!result.Ips.IsEmpty)
        {
            writer.WriteStartArray("ips");
            foreach (var ip in result.Ips) Write(writer, ip, withFamily: !CniVersion.AtLeast(version, "1.0.0"));
            writer.WriteEndArray();
        }
        if (!result.Routes.IsEmpty)
        {
            writer.WriteStartArray("routes");
            foreach (var route in result.Routes) Write(writer, route, rich);
            writer.WriteEndArray();
        }
        writer.WriteStartObject("dns");
        writer.StringArray("nameservers", result.Dns.Nameservers);
        writer.OptionalString("domain", result.Dns.Domain);
        writer.StringArray("search", result.Dns.Search);
        writer.StringArray("options", result.Dns.Options);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, CniInterface device, bool rich)
    {
        writer.WriteStartObject();
        writer.WriteString("name", device.Name);
        writer.OptionalString("mac", device.Mac);
        writer.OptionalString("sandbox", device.Sandbox);
        if (rich)
        {
            writer.OptionalNumber("mtu", device.Mtu);
            writer.OptionalString("socketPath", device.SocketPath);
            writer.OptionalString("pciID", device.PciId);
        }
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, CniAddress ip, bool withFamily)
    {
        writer.WriteStartObject();
        if (withFamily) writer.WriteString("version", ip.Address.Address.Family == IpFamily.V4 ? "4" : "6");
        writer.OptionalNumber("interface", ip.Interface);
        writer.WriteString("address", ip.Address.ToString());
        writer.OptionalString("gateway", ip.Gateway?.ToString());
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, CniRoute route, bool rich)
    {
        writer.WriteStartObject();
        writer.WriteString("dst", route.Destination.ToString());
        writer.OptionalString("gw", route.Gateway?.ToString());
        if (rich)
        {
            writer.OptionalNumber("mtu", route.Mtu);
            writer.OptionalNumber("advmss", route.AdvertisedMss);
            writer.OptionalNumber("priority", route.Priority);
            writer.OptionalNumber("table", route.Table);
            writer.OptionalNumber("scope", route.Scope);
        }
        writer.WriteEndObject();
    }

    internal static CniResult Read(JsonElement json, string asked, string path)
    {
        if (json.ValueKind != JsonValueKind.Object) throw CniText.Wanted(path + "result", "an object", json);
        CniVersion.Require(json.OptionalString("cniVersion", path) is { Length: > 0 } stated ? stated : asked);
        var interfaces = json.Items("interfaces", path)
            .Select((item, i) => ReadInterface(item, $"{path}interfaces[{i}]")).ToImmutableArray();
        return new CniResult
        {
            Interfaces = interfaces,
            Ips = [.. json.Items("ips", path)
                .Select((item, i) => ReadAddress(item, $"{path}ips[{i}]", interfaces.Length))],
            Routes = [.. json.Items("routes", path).Select((item, i) => ReadRoute(item, $"{path}routes[{i}]"))],
            Dns = json.OptionalObject("dns", path) is { } dns ? ReadDns(dns, path + "dns.") : CniDns.Empty,
        };
    }

    private static CniInterface ReadInterface(JsonElement json, string path)
    {
        Object(json, path);
        path += ".";
        return new(
            json.OptionalString("name", path) ?? "", json.OptionalString("mac", path),
            Filled(json.OptionalString("sandbox", path)), json.OptionalInt("mtu", path),
            json.OptionalString("socketPath", path), json.OptionalString("pciID", path));
    }

    private static CniAddress ReadAddress(JsonElement json, string path, int interfaces)
    {
        Object(json, path);
        path += ".";
        var text = json.OptionalString("address", path) ?? "";
        if (!InterfaceAddress.TryParse(text, out var address))
            throw CniText.Invalid(path + "address", $"'{text}' is not an address with a prefix length");
        var index = json.OptionalInt("interface", path);
        if (index is { } i && (i < 0 || i >= interfaces))
            throw CniText.Invalid(path + "interface", string.Create(
                CultureInfo.InvariantCulture, $"{i} is not an index into the {interfaces} interfaces"));
        return new(address, index, json.OptionalAddress("gateway", path));
    }

    private static CniRoute ReadRoute(JsonElement json, string path)
    {
        Object(json, path);
        path += ".";
        var text = json.OptionalString("dst", path) ?? "";
        if (!InterfaceAddress.TryParse(text, out var destination))
            throw CniText.Invalid(path + "dst", $"'{text}' is not a network in CIDR form");
        return new(
            destination.Network, json.OptionalAddress("gw", path), json.OptionalInt("mtu", path),
            json.OptionalInt("advmss", path), json.OptionalInt("priority", path),
            json.OptionalInt("table", path), json.OptionalInt("scope", path));
    }

    private static CniDns ReadDns(JsonElement json, string path) => new(
        [.. json.Strings("nameservers", path)], Filled(json.OptionalString("domain", path)),
        [.. json.Strings("search", path)], [.. json.Strings("options", path)]);

    private static void Object(JsonElement json, string path)
    {
        if (json.ValueKind != JsonValueKind.Object) throw CniText.Wanted(path, "an object", json);
    }

    private static string? Filled(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
