using System.Net;

namespace Causeway.Lab.Workloads;

/// <summary>What the HTTP server says: the paths of agnhost's netexec that connectivity tests use, and the
/// pod's name (or a fixed text) everywhere else.</summary>
internal sealed record HttpAnswers(string Name, string? Text)
{
    private readonly HealthSwitch _health = new();

    /// <summary>Status and body for a request target such as <c>/echo?msg=hello</c>.</summary>
    public (int Status, string Body) Request(string target, IPEndPoint client)
    {
        var question = target.IndexOf('?');
        var path = question < 0 ? target : target[..question];
        if (_health.Answer(path) is { } health) return health;
        return path switch
        {
            "/clientip" => (200, client.ToString()),
            "/echo" => (200, Parameter(question < 0 ? "" : target[(question + 1)..], "msg") ?? ""),
            "/hostname" or "/hostName" => (200, Name),
            _ => (200, (Text ?? Name) + "\n"),
        };
    }

    /// <summary>netexec's datagram words: <c>echo TEXT</c>, <c>hostname</c>, <c>clientip</c>; silence
    /// otherwise.</summary>
    public string Datagram(string message, IPEndPoint client)
    {
        var words = message.Trim().Split(' ', 2);
        return words[0].ToLowerInvariant() switch
        {
            "hostname" => Name,
            "clientip" => Plain(client).ToString(),
            "echo" => words.Length > 1 ? words[1] : "",
            _ => "",
        };
    }

    /// <summary>An IPv4 client on a dual-stack socket, written as IPv4.</summary>
    public static IPEndPoint Plain(IPEndPoint client) => client.Address.IsIPv4MappedToIPv6
        ? new(client.Address.MapToIPv4(), client.Port)
        : client;

    private static string? Parameter(string query, string name)
    {
        foreach (var pair in query.Split('&'))
            if (pair.StartsWith(name + "=", StringComparison.Ordinal))
                return Uri.UnescapeDataString(pair[(name.Length + 1)..].Replace('+', ' '));
        return null;
    }
}
