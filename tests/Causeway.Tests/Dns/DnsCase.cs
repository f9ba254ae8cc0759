using System.Runtime.CompilerServices;
using System.Text.Json;
using Causeway.Core.Cluster;
using Causeway.Kubernetes.Manifests;

namespace Causeway.Tests.Dns;

/// <summary>A folder under Cases: manifests in, expected answers out.</summary>
/// <param name="Answers">Each <c>NAME TYPE</c>, and the records as <c>dig +short</c> prints them, in order and between commas; or
/// the outcome where there is none.</param>
internal sealed record DnsCase(string Name, string Manifests, IReadOnlyList<(string Question, string Expected)> Answers)
{
    public static IReadOnlyList<DnsCase> All([CallerFilePath] string here = "") =>
    [
        .. Directory.GetDirectories(Path.Combine(Path.GetDirectoryName(here)!, "Cases")).Order(StringComparer.Ordinal).Select(Read),
    ];

    /// <summary>With the case's namespace.</summary>
    public IEnumerable<KubeObject> Objects() => ManifestReader.Read(Manifests, Name).Select(m => (KubeObject)(m.Kind switch
    {
        "Service" => JsonSerializer.Deserialize(m.Object, ClusterJson.Default.Service)!,
        _ => JsonSerializer.Deserialize(m.Object, ClusterJson.Default.EndpointSlice)!,
    })).Prepend(new Namespace { Metadata = new() { Name = Name } });

    private static DnsCase Read(string folder)
    {
        var answers = File.ReadAllLines(Path.Combine(folder, "answers.txt")).Select(line => line.Split(' ', 3));
        return new(
            Path.GetFileName(folder), File.ReadAllText(Path.Combine(folder, "cluster.yaml")),
            [.. answers.Select(a => ($"{a[0]} {a[1]}", a[2]))]);
    }
}
