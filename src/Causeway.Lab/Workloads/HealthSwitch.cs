using System.Collections.Concurrent;

namespace Causeway.Lab.Workloads;

/// <summary>The server's health as its paths tell it, each with a switch: <c>/readyz</c> answers 200 until
/// somebody asks for <c>/readyz/fail</c>, and again after <c>/readyz/heal</c>.</summary>
internal sealed class HealthSwitch
{
    private static readonly string[] Paths = ["/healthz", "/livez", "/readyz"];

    private readonly ConcurrentDictionary<string, bool> _failing = [];

    /// <summary>Status and body; null for other paths.</summary>
    public (int Status, string Body)? Answer(string path)
    {
        var slash = path.LastIndexOf('/');
        if (slash > 0 && Paths.Contains(path[..slash]) && path[(slash + 1)..] is "fail" or "heal")
        {
            if (path.EndsWith("fail", StringComparison.Ordinal)) _failing[path[..slash]] = true;
            else _failing.TryRemove(path[..slash], out _);
            return (200, "ok");
        }
        if (!Paths.Contains(path)) return null;
        return _failing.ContainsKey(path) ? (503, "failing") : (200, "ok");
    }
}
