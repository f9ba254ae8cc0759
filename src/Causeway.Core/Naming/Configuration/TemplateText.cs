using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Configuration;

/// <summary>What a template's fields stand for.</summary>
/// <param name="Zone">Of the template in which the name is.</param>
/// <param name="Found">How the name fits.</param>
public readonly record struct TemplateValues(DnsQuestion Question, DnsName Zone, Match Found);

/// <summary>A text with fields in the words of Go's templates, as far as records of names need them:
/// <c>{{ .Name }}</c>, <c>.Type</c>, <c>.Class</c>, <c>.Zone</c>, <c>.Group.NAME</c> and <c>index .Match N</c>.</summary>
public sealed class TemplateText
{
    private readonly ImmutableArray<Func<TemplateValues, string>> _parts;

    private TemplateText(ImmutableArray<Func<TemplateValues, string>> parts) => _parts = parts;

    /// <param name="error">What is wrong with the text.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out TemplateText? template, out string error)
    {
        (template, error) = (null, "");
        var parts = ImmutableArray.CreateBuilder<Func<TemplateValues, string>>();
        while (text.IndexOf("{{", StringComparison.Ordinal) is >= 0 and var open)
        {
            Literal(text[..open]);
            var close = text.IndexOf("}}", open, StringComparison.Ordinal);
            if (close < 0)
            {
                error = "a field that begins with {{ does not end with }}";
                return false;
            }
            var field = text[(open + 2)..close].Trim(' ', '-');
            if (Field(field) is not { } part)
            {
                error = $"'{{{{ {field} }}}}' is not known; known are .Name, .Type, .Class, .Zone, .Group.NAME and index .Match N";
                return false;
            }
            parts.Add(part);
            text = text[(close + 2)..];
        }
        Literal(text);
        template = new(parts.ToImmutable());
        return true;

        void Literal(string literal)
        {
            if (literal.Length > 0) parts.Add(_ => literal);
        }
    }

    public string Fill(TemplateValues values)
    {
        StringBuilder text = new();
        foreach (var part in _parts) text.Append(part(values));
        return text.ToString();
    }

    private static Func<TemplateValues, string>? Field(string field)
    {
        const string group = ".Group.", match = "index .Match ";
        switch (field)
        {
            case ".Name": return values => values.Question.Name.ToString();
            case ".Type": return values => values.Question.Type.Word();
            case ".Class": return values => values.Question.Class.Word();
            case ".Zone": return values => values.Zone.ToString();
        }
        if (field.StartsWith(group, StringComparison.Ordinal))
        {
            var name = field[group.Length..];
            return values => values.Found.Groups[name].Value;
        }
        return field.StartsWith(match, StringComparison.Ordinal)
            && int.TryParse(field[match.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? values => values.Found.Groups[number].Value
                : null;
    }
}
