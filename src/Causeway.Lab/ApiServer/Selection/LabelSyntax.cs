namespace Causeway.Lab.ApiServer.Selection;

/// <summary>
/// What names, label keys and label values may look like, in the API's own words (clients and people match on
/// them). Each returns what is wrong, or null.
/// </summary>
public static class LabelSyntax
{
    private const string LabelText = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters"
        + " or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc',"
        + " regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

    private const string SubdomainText = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric"
        + " characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com',"
        + @" regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

    private const string Label1035Text = "a DNS-1035 label must consist of lower case alphanumeric characters or"
        + " '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name', "
        + " or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";

    private const string KeyText = "name part must consist of alphanumeric characters, '-', '_' or '.', and must"
        + " start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used"
        + " for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

    private const string ValueText = "a valid label must be an empty string or consist of alphanumeric characters,"
        + " '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or"
        + " 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

    public static string? Label(string name) =>
        name.Length > 63 ? TooLong(63) : IsDnsLabel(name) ? null : LabelText;

    public static string? Label1035(string name) =>
        name.Length > 63 ? TooLong(63) : IsDnsLabel(name) && char.IsAsciiLetter(name[0]) ? null
            : Label1035Text;

    public static string? Subdomain(string name) =>
        name.Length > 253 ? TooLong(253) : IsSubdomain(name) ? null : SubdomainText;

    /// <summary>For names that only have to fit into a path (RBAC).</summary>
    public static string? PathSegment(string name) =>
        name is "." or ".." ? $"may not be '{name}'"
        : name.Contains('/') ? "may not contain '/'"
        : name.Contains('%') ? "may not contain '%'"
        : null;

    /// <summary>Of labels, annotations and finalizers: a name, with an optional DNS prefix before a
    /// slash.</summary>
    public static string? KeyFault(string key)
    {
        var slash = key.IndexOf('/');
        if (slash != key.LastIndexOf('/'))
        {
            return "a qualified name must consist of alphanumeric characters, '-', '_' or '.', with an optional"
                + " DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
        }
        if (slash == 0) return "prefix part must be non-empty";
        if (slash > 0 && Subdomain(key[..slash]) is { } fault) return "prefix part " + fault;
        var name = key[(slash + 1)..];
        return name.Length == 0 ? "name part must be non-empty"
            : name.Length > 63 ? "name part " + TooLong(63)
            : IsKeyName(name) ? null : KeyText;
    }

    public static string? ValueFault(string value) =>
        value.Length > 63 ? TooLong(63) : value.Length == 0 || IsKeyName(value) ? null : ValueText;

    private static string TooLong(int limit) => $"must be no more than {limit} characters";

    /// <summary>[a-z0-9], hyphens inside.</summary>
    private static bool IsDnsLabel(ReadOnlySpan<char> name)
    {
        if (name.IsEmpty || name[0] == '-' || name[^1] == '-') return false;
        foreach (var c in name)
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '-')
                return false;
        return true;
    }

    private static bool IsSubdomain(string name)
    {
        foreach (var part in name.AsSpan().Split('.'))
            if (!IsDnsLabel(name.AsSpan(part)))
                return false;
        return true;
    }

    /// <summary>[A-Za-z0-9], with hyphens, dots and underscores inside.</summary>
    private static bool IsKeyName(string name)
    {
        foreach (var c in name)
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.'))
                return false;
        return char.IsAsciiLetterOrDigit(name[0]) && char.IsAsciiLetterOrDigit(name[^1]);
    }
}
