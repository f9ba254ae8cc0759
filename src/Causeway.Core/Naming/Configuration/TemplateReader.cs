using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Configuration;

internal static class TemplateReader
{
    public static TemplateSettings? Read(PluginReading line)
    {
        if (line.Arguments.Count < 2)
        {
            line.Complain("takes a class, a type and zones");
            return null;
        }
        var ofClass = line.Word<DnsClass?>(
            line.Arguments[0], null, ("IN", DnsClass.IN), ("CH", DnsClass.CH), ("HS", DnsClass.HS), ("ANY", null));
        DnsType? type = null;
        if (line.Arguments[1].Text != "ANY")
        {
            if (DnsWords.TryParseType(line.Arguments[1].Text, out var one)) type = one;
            else line.Complain(line.Arguments[1], $"'{line.Arguments[1]}' is not a type of record");
        }
        List<Regex> matches = [];
        List<TemplateText> answers = [], additional = [], authority = [];
        var (rcode, fallthrough) = (DnsRcode.NOERROR, Fallthrough.None);
        void Record(PluginReading option, List<TemplateText> lines)
        {
            if (TemplateText.TryParse(string.Join(' ', option.Arguments), out var text, out var error)) lines.Add(text);
            else option.Complain(error);
        }
        line.Options(new()
        {
            ["match"] = option => matches.AddRange(option.Arguments.Select(a => Patterns.Read(option, a)).OfType<Regex>()),
            ["answer"] = option => Record(option, answers),
            ["additional"] = option => Record(option, additional),
            ["authority"] = option => Record(option, authority),
            ["rcode"] = option => rcode = option.Word(
                option.One(), rcode, ("NOERROR", DnsRcode.NOERROR), ("NXDOMAIN", DnsRcode.NXDOMAIN),
                ("SERVFAIL", DnsRcode.SERVFAIL), ("REFUSED", DnsRcode.REFUSED), ("NOTIMP", DnsRcode.NOTIMP)),
            ["fallthrough"] = option => fallthrough = option.Fallthrough(),
            ["upstream"] = Upstream,
        });
        return new(
            line.At, ofClass, type, line.Zones(line.Arguments.Skip(2)), [.. matches], [.. answers], [.. additional], [.. authority],
            rcode, fallthrough);
    }

    /// <summary>Aliases are followed by the whole server, as CoreDNS does since 1.3.</summary>
    private static void Upstream(PluginReading option)
    {
        if (option.Arguments is [var server, ..])
            option.Complain(server, $"'{server}': what aliases lead to is asked of this server itself, and of no other");
    }
}
