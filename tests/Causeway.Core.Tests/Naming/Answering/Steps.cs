using Causeway.Core.Addressing;
using Causeway.Core.Naming.Answering;
using Causeway.Core.Naming.Configuration;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Tests.Naming.Answering;

/// <summary>Steps of a server, their settings read from lines of a Corefile.</summary>
internal static class Steps
{
    public static readonly DnsName[] Root = [DnsName.Root];

    public static IReadOnlyList<T> Settings<T>(string text) where T : PluginSettings
    {
        var (configuration, problems) = Read(text);
        Assert.Empty(problems);
        return [.. configuration.Servers[0].Plugins.OfType<T>()];
    }

    /// <summary>What is wrong with the lines; the first of it.</summary>
    public static string Problem(string text) => Read(text).Problems[0].ToString();

    public static async Task<DnsMessage> Ask(
        DnsHandler step, string name, DnsType type = DnsType.A, string client = "192.0.2.1") =>
        await step(
            new(new() { Id = 1, Questions = [new(DnsName.Parse(name), type)] }, IpAddress.Parse(client), 1, DnsTransport.Udp),
            CancellationToken.None);

    /// <summary>A world in which these names have an address, and others do not exist.</summary>
    public static DnsHandler Knows(string address, params string[] names) => (query, _) =>
    {
        var name = query.Question.Name;
        var known = names.Any(n => DnsName.Parse(n) == name);
        var reply = query.Message.Reply(known ? DnsRcode.NOERROR : DnsRcode.NXDOMAIN);
        return ValueTask.FromResult(known
            ? reply with { Answers = [new(name, query.Question.Type, 30, DnsData.Of(IpAddress.Parse(address)))] }
            : reply);
    };

    /// <summary>The answers' lines; the outcome where there is none.</summary>
    public static string Text(DnsMessage reply) =>
        reply.Answers.IsEmpty ? reply.Rcode.Word() : string.Join(", ", reply.Answers.Select(a => a.ToString()));

    private static (DnsConfiguration Configuration, IReadOnlyList<ConfigProblem> Problems) Read(string text)
    {
        var (configuration, problems) = DnsConfiguration.Read("test", $". {{\n{text}\n}}", ConfigEnvironment.Empty);
        return (configuration, problems);
    }
}
