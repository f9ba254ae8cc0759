using Causeway.Lab.Capsule;
using Causeway.Lab.Fabric;
using Causeway.Lab.Nodes;
using Causeway.Linux.Namespaces;

namespace Causeway.Lab.ClusterDns;

/// <summary>The name server of the world outside, on the host there: whom the nodes ask, and the cluster's DNS for names
/// that are not the cluster's.</summary>
internal static class OutsideNames
{
    /// <summary>The domain in which the nodes look for short names.</summary>
    public const string Domain = "lab.example";

    private static readonly string[] Names = ["google.example", "www.google.example", $"www.{Domain}", $"outside.{Domain}"];

    /// <summary>The nodes' own resolv.conf.</summary>
    public static string ResolvConf(FabricLayout layout) =>
        $"search {Domain}\n" + string.Concat(layout.Outside.Select(a => $"nameserver {a.Address}\n"));

    /// <summary>Until it ends, or cancelled; it dies with the capsule.</summary>
    public static async Task RunAsync(LabDirectory lab, FabricLayout layout, CancellationToken cancel)
    {
        var file = Path.Combine(lab.Path, "outside.Corefile");
        await File.WriteAllTextAsync(file, Corefile(layout), cancel);
        var server = OwnProcess.Start(
            $"{NetworkNamespace.Directory}/{FabricLayout.OutsideNamespace}", Path.Combine(lab.LogDirectory, "outside-dns.log"),
            "dns", "--conf", file, "--threads", "1");
        await server.Exited.WaitAsync(cancel);
    }

    private static string Corefile(FabricLayout layout)
    {
        var lines = layout.Outside.Select(a => $"        {a.Address} {string.Join(' ', Names)}\n");
        return $$"""
            # The lab writes this file anew when it comes up.
            .:53 {
                errors
                hosts {
            {{string.Concat(lines)}}        ttl 60
                }
            }
            """;
    }
}
