using System.Collections.Immutable;
using Causeway.Core;
using Causeway.Core.Addressing;
using Causeway.Core.Naming.Answering;
using Causeway.Core.Naming.Configuration;
using Causeway.Core.Naming.Resolving;
using Causeway.Core.Wire.Dns;

namespace Causeway.Dns.Serving;

/// <summary>Which search path a client has.</summary>
internal static class AutopathSearch
{
    private const string Own = "/etc/resolv.conf";

    /// <summary>The file's, for every client. Throws <see cref="InputException"/> when it cannot be read.</summary>
    public static Func<DnsQuery, ImmutableArray<DnsName>> OfFile(AutopathSettings settings)
    {
        try
        {
            var path = Domains(File.ReadAllText(settings.ResolvConf!));
            return _ => path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{settings.At}: autopath: {settings.ResolvConf}: {e.Message}", e);
        }
    }

    /// <summary>That of the pod with the client's address: its namespace's, the cluster's, and what this server's own
    /// resolv.conf says, as the kubelet puts them together.</summary>
    /// <param name="apex">The cluster's domain.</param>
    /// <param name="namespaceOf">Null where no pod has the address.</param>
    public static Func<DnsQuery, ImmutableArray<DnsName>> OfPod(DnsName apex, Func<IpAddress, string?> namespaceOf)
    {
        var node = File.Exists(Own) ? Domains(File.ReadAllText(Own)) : [];
        return query => namespaceOf(query.Client) is { } ns
            && DnsName.TryParse($"{ns}.svc.{apex}", out var first, out _)
                ? [first, first.Parent, apex, .. node]
                : [];
    }

    private static ImmutableArray<DnsName> Domains(string text) =>
    [
        .. ResolvConf.Read(text).Searches.Where(s => !s.IsRoot)
            .Select(s => DnsName.TryParse(s.Name, out var name, out _) ? name : DnsName.Root).Where(name => !name.IsRoot),
    ];
}
