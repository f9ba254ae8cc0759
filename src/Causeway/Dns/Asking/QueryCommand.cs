using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json.Nodes;
using Causeway.Cli;
using Causeway.Core;
using Causeway.Core.Naming.Lookups;
using Causeway.Core.Naming.Resolving;
using Causeway.Core.Trace;
using Causeway.Core.Wire.Dns;
using Causeway.Lab;
using Causeway.Lab.Capsule;
using Causeway.Lab.Kubelet.Pods;
using Causeway.Trace;

namespace Causeway.Dns.Asking;

/// <summary><c>causeway dns query</c>: asks from a pod, and compares with what should be answered.</summary>
internal static class QueryCommand
{
    private static readonly Argument<string> Name = new("NAME")
    {
        Description = "As a program in the pod uses it: web, web.shop, www.example.org, with a dot at its end without the search path.",
    };

    private static readonly Option<string> Namespace = new("--namespace", "-n")
    {
        Description = "The pod's namespace (default: default).", HelpName = "NS", DefaultValueFactory = _ => "default",
    };

    private static readonly Option<string?> Pod = new("--pod")
    {
        Description = "The pod that asks (default: the first of the namespace that runs).", HelpName = "POD",
    };

    private static readonly Option<string?> Type = new("--type", "-t")
    {
        Description = "The type of records, such as A, SRV or TYPE65 (default: A and AAAA, as programs ask).", HelpName = "TYPE",
    };

    public static Command Create()
    {
        var output = OutputOption.Create();
        var command = new Command(
            "query", """
            Asks from a pod's own network, by its own resolv.conf, and compares each answer with what the API's objects and the
            Corefile give. Ends with 0 when there is an answer and all is as it should be, else with 1.

            Examples:
              causeway dns query web
              causeway dns query -n shop --pod client web.other
              causeway dns query _http._tcp.web.shop.svc.cluster.local. --type SRV
            """)
        {
            Name, Namespace, Pod, Type, LabCommand.LabOption, output,
        };
        command.SetAction((parsed, cancel) => RunAsync(parsed, parsed.GetValue(output) == OutputOption.Json, cancel));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, bool json, CancellationToken cancel)
    {
        var name = parsed.GetRequiredValue(Name);
        var types = TypesOf(parsed.GetValue(Type));
        if (SearchOrder.Of(name, ResolvConf.Empty).Count == 0 || !DnsName.TryParse(name, out _, out _))
            throw new InputException($"'{name}' is no name that can be asked for: labels have 1 to 63 letters, a name at most 253");
        var lab = CapsuleEntry.Current is { } path
            ? new LabDirectory(Path.GetFileName(path), path)
            : LabDirectory.FindRunning(parsed.GetValue(LabCommand.LabOption));
        if (CapsuleEntry.Current is null) CapsuleEntry.Enter(lab, [.. parsed.Tokens.Select(t => t.Value)]);
        var record = Find(parsed.GetRequiredValue(Namespace), parsed.GetValue(Pod));
        var files = PodResolving.Read(record)
            ?? throw new InputException($"no container of pod {record.Namespace}/{record.Name} runs, or its /etc/resolv.conf cannot be read");
        List<string> notes = [];
        if (parsed.GetValue(Pod) is null) notes.Add($"asked from pod {record.Name}, the first of namespace {record.Namespace} that runs");
        var (cluster, corefile) = await LabTrace.ReadObjectsAsync(lab, notes, TimeProvider.System, cancel);
        ClusterDns dns = new(cluster, corefile);
        var asked = await new PodResolver(record.NetworkNamespace, files.Conf, TimeProvider.System).AskAsync(name, types, cancel);
        var server = files.Conf.Nameservers.Cast<Nameserver?>().FirstOrDefault();
        var expected = Lookup.Of(new(name, files.Conf, files.Hosts, types), server, NamedTrace.Answers(dns, server));
        notes.AddRange(dns.Notes);
        notes.AddRange(expected.Hosts.Select(h => $"programs do not ask: /etc/hosts line {h.Line} has the name: {h.Text}"));
        var differences = AnswerDifference.Between(expected, asked);
        if (json) JsonOutput.Write(Json(record, expected, asked, differences, notes));
        else Write(files, asked, differences, notes);
        return asked.IsAnswered && differences.IsEmpty ? ExitCode.Good : ExitCode.Problems;
    }

    private static ImmutableArray<DnsType> TypesOf(string? word) => word is null ? LookupQuery.AddressTypes
        : DnsWords.TryParseType(word, out var type) && type is not (DnsType.OPT or DnsType.AXFR or DnsType.IXFR) ? [type]
        : throw new InputException($"--type {word}: this is no type that can be asked for, such as A, AAAA, SRV, PTR or TXT");

    private static PodRecord Find(string ns, string? pod)
    {
        if (pod is not null)
            return PodRecord.Read(PodResolving.RecordDirectory, ns, pod)
                ?? throw new InputException($"no pod '{pod}' runs in namespace '{ns}'");
        var directory = Path.Combine(PodResolving.RecordDirectory, "pods");
        var names = Directory.Exists(directory) ? Directory.EnumerateFiles(directory, $"{ns}_*.json") : [];
        return names.Select(f => Path.GetFileNameWithoutExtension(f)[(ns.Length + 1)..]).Order(StringComparer.Ordinal)
            .Select(n => PodRecord.Read(PodResolving.RecordDirectory, ns, n)).FirstOrDefault(r => r?.Find(null) is not null)
            ?? throw new InputException($"no pod runs in namespace '{ns}': start one, or name another namespace with -n");
    }

    private static void Write(
        PodResolving files, AskedLookup asked, ImmutableArray<AnswerDifference> differences, List<string> notes)
    {
        AskedText.Write(Console.Out, asked, $"by {files.Source}:");
        foreach (var note in notes) Console.WriteLine($"note: {note}");
        foreach (var difference in differences)
            Console.WriteLine($"different: {difference.Name} {difference.Type.Word()}: {difference.Message}");
        if (differences.IsEmpty)
            Console.WriteLine(asked.IsAnswered ? "equal: answered as it should be" : "not found: so it should be, and nobody has an answer");
    }

    private static JsonObject Json(
        PodRecord pod, Lookup expected, AskedLookup asked, ImmutableArray<AnswerDifference> differences, List<string> notes) => new()
    {
        ["pod"] = $"{pod.Namespace}/{pod.Name}",
        ["answered"] = asked.IsAnswered,
        ["asked"] = LookupJson.Of(asked),
        ["lookup"] = LookupJson.Of(expected),
        ["differences"] = new JsonArray([.. differences.Select(d => (JsonNode)new JsonObject
        {
            ["name"] = d.Name.ToString(), ["type"] = d.Type.Word(), ["message"] = d.Message,
        })]),
        ["notes"] = new JsonArray([.. notes.Select(n => JsonValue.Create(n))]),
    };
}
