using System.Globalization;
using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Json;

namespace Causeway.Lab.ApiServer.Tables;

/// <summary>EndpointSlices and Endpoints: the first few, and how many more there are.</summary>
internal static class EndpointTables
{
    private const int Shown = 3;
    private const string Unset = "<unset>";

    public static readonly TableDefinition Slices = new(
        [Column.NameColumn, new("AddressType"), new("Ports"), new("Endpoints"), Column.Age],
        (s, now) =>
        [
            s.Text("metadata", "name"), s.Text("addressType"), SlicePorts(s),
            Some(s.Items("endpoints").SelectMany(e => e.Texts("addresses").Take(1)), Unset),
            HumanDuration.Age(s, now),
        ]);

    public static readonly TableDefinition Endpoints = new(
        [Column.NameColumn, new("Endpoints"), Column.Age],
        (e, now) =>
        [
            e.Text("metadata", "name"), Some(e.Items("subsets").SelectMany(SubsetEndpoints), "<none>"),
            HumanDuration.Age(e, now),
        ]);

    /// <summary>A port without a number is every port.</summary>
    private static string SlicePorts(JsonObject slice) => Some(
        slice.Items("ports").Select(p => p.Number("port")?.ToString(CultureInfo.InvariantCulture) ?? "*"),
            Unset);

    private static IEnumerable<string> SubsetEndpoints(JsonNode? subset)
    {
        var ports = subset.Items("ports").Select(p => p.Number("port")).ToList();
        foreach (var address in subset.Items("addresses").Select(a => a.Text("ip") ?? ""))
        {
            if (ports.Count == 0) yield return address;
            var host = address.Contains(':') ? $"[{address}]" : address;
            foreach (var port in ports) yield return $"{host}:{port}";
        }
    }

    private static string Some(IEnumerable<string> items, string none)
    {
        var all = items.ToList();
        if (all.Count == 0) return none;
        var text = string.Join(',', all.Take(Shown));
        return all.Count > Shown ? $"{text} + {all.Count - Shown} more..." : text;
    }
}
