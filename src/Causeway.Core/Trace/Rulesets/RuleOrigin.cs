using Causeway.Core.Dataplane;

namespace Causeway.Core.Trace.Rulesets;

/// <summary>The object behind a rule, by the comment that its writer left.</summary>
internal static class RuleOrigin
{
    /// <summary>
    /// <c>default/web:http cluster IP</c> is port http of the Service default/web. Null for a comment of another form.
    /// </summary>
    public static Origin? Of(string? comment)
    {
        if (comment is null) return null;
        var space = comment.IndexOf(' ');
        var (name, rest) = space < 0 ? (comment, "") : (comment[..space], comment[(space + 1)..]);
        var slash = name.IndexOf('/');
        if (slash <= 0 || slash == name.Length - 1 || name.IndexOf('/', slash + 1) >= 0) return null;
        var colon = name.IndexOf(':', slash);
        var port = colon < 0 ? "" : name[(colon + 1)..];
        var service = colon < 0 ? name[(slash + 1)..] : name[(slash + 1)..colon];
        if (service.Length == 0 || !IsName(name[..slash]) || !IsName(service)) return null;
        var field = string.Join(' ', new[] { port, rest }.Where(t => t.Length > 0));
        return new("Service", service, name[..slash], field.Length == 0 ? null : field);
    }

    /// <summary>
    /// What says that a packet is refused because nothing stands behind a service: a rule's comment, or the name of the map
    /// that led there. Null where nothing says so.
    /// </summary>
    public static string? NoEndpoints(RuleEnd end)
    {
        if (SaysNoEndpoints(end.Comment)) return end.Comment;
        var map = end.State.Path.Find(n => n.Quote.Contains("vmap @no-endpoint", StringComparison.Ordinal));
        return map is null ? null : $"{map.Comment ?? "the service"} has no endpoints";
    }

    private static bool SaysNoEndpoints(string? comment) => comment is not null
        && (comment.Contains("no endpoints", StringComparison.OrdinalIgnoreCase)
            || comment.Contains("no local endpoints", StringComparison.OrdinalIgnoreCase));

    private static bool IsName(string name) => name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.');
}
