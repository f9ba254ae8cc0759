using System.Text.Json.Nodes;
using Causeway.Core.Cluster;
using Causeway.Core.Naming.Resolving;
using Causeway.Lab.ApiServer.Json;
using Causeway.Lab.ApiServer.Schema;
using LabelSyntax = Causeway.Lab.ApiServer.Selection.LabelSyntax;

namespace Causeway.Lab.ApiServer.Admission;

/// <summary>What pods say about names: theirs, and how they look others up.</summary>
internal static class PodDnsValidation
{
    private const string SearchText = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric"
        + " characters, '_', '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com',"
        + @" regex used for validation is '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*')";

    private static readonly string[] Policies =
    [
        PodDnsPolicy.ClusterFirst, PodDnsPolicy.ClusterFirstWithHostNet, PodDnsPolicy.Default, PodDnsPolicy.None,
    ];

    public static IEnumerable<FieldError> Spec(JsonNode spec, string path)
    {
        var policy = spec.Text("dnsPolicy") ?? "";
        if (!Policies.Contains(policy))
            yield return FieldError.NotSupported(path + ".dnsPolicy", spec.At("dnsPolicy"), Policies);
        foreach (var error in Config(spec.At("dnsConfig"), policy, path + ".dnsConfig")) yield return error;
        foreach (var field in (string[])["hostname", "subdomain"])
            if (spec.Text(field) is { Length: > 0 } name && LabelSyntax.Label(name) is { } fault)
                yield return FieldError.Invalid($"{path}.{field}", name, fault);
        var index = 0;
        foreach (var alias in spec.Items("hostAliases"))
        {
            var at = $"{path}.hostAliases[{index++}]";
            if (AddressValidation.Address(alias.At("ip"), alias.Text("ip") ?? "", at + ".ip") is { } error)
                yield return error;
            foreach (var name in alias.Texts("hostnames"))
                if (LabelSyntax.Subdomain(name) is { } fault)
                    yield return FieldError.Invalid(at + ".hostnames", name, fault);
        }
    }

    private static IEnumerable<FieldError> Config(JsonNode? config, string policy, string path)
    {
        if (policy == PodDnsPolicy.None && config is null)
        {
            yield return FieldError.Required(path, "must provide `dnsConfig` when `dnsPolicy` is None");
            yield break;
        }
        var servers = config.Texts("nameservers").ToList();
        if (policy == PodDnsPolicy.None && servers.Count == 0)
        {
            yield return FieldError.Required(path + ".nameservers",
                "must provide at least one DNS nameserver when `dnsPolicy` is None");
            yield break;
        }
        if (servers.Count > ResolvConf.MostNameservers)
            yield return FieldError.Invalid(path + ".nameservers", config.At("nameservers"),
                $"must not have more than {ResolvConf.MostNameservers} nameservers");
        for (var i = 0; i < servers.Count; i++)
            if (AddressValidation.Address(servers[i], servers[i], $"{path}.nameservers[{i}]") is { } error)
                yield return error;
        foreach (var error in Searches(config, path + ".searches")) yield return error;
        var index = 0;
        foreach (var option in config.Items("options"))
        {
            if (option.Text("name") is null or "")
                yield return FieldError.Required($"{path}.options[{index}]", "must not be empty");
            index++;
        }
    }

    private static IEnumerable<FieldError> Searches(JsonNode? config, string path)
    {
        var searches = config.Texts("searches").ToList();
        if (searches.Count > PodResolvConf.MostSearches)
            yield return FieldError.Invalid(path, config.At("searches"),
                $"must not have more than {PodResolvConf.MostSearches} search paths");
        if (string.Join(' ', searches).Length > PodResolvConf.LongestSearches)
            yield return FieldError.Invalid(path, config.At("searches"),
                $"must not have more than {PodResolvConf.LongestSearches} characters (including spaces) in the search list");
        for (var i = 0; i < searches.Count; i++)
            if (searches[i] != "." && SearchFault(searches[i]) is { } fault)
                yield return FieldError.Invalid($"{path}[{i}]", searches[i], fault);
    }

    private static string? SearchFault(string search)
    {
        var name = search.EndsWith('.') ? search[..^1] : search;
        if (name.Length > PodResolvConf.LongestDomain) return $"must be no more than {PodResolvConf.LongestDomain} characters";
        return name.Split('.').All(IsLabel) ? null : SearchText;
    }

    // One underscore may lead; others stand inside.
    private static bool IsLabel(string label)
    {
        var rest = label.StartsWith('_') ? label[1..] : label;
        return rest.Length > 0 && Ends(rest[0]) && Ends(rest[^1]) && rest.All(c => Ends(c) || c is '-' or '_');

        static bool Ends(char c) => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c);
    }
}
