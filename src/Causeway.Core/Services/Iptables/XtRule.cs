using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Causeway.Core.Addressing;
using Causeway.Core.Wire.Netlink;

namespace Causeway.Core.Services.Iptables;

/// <summary>
/// A rule of the services' chains in nat in the kernel's instructions, as <c>iptables-nft</c> would make it of the same
/// text, and would print it again. Knows what those chains hold; for another rule the tool itself must be asked.
/// </summary>
internal sealed class XtRule
{
    private readonly List<Action<NftRuleWriter>> _addresses = [];
    private readonly List<Action<NftRuleWriter>> _matches = [];
    private Action<NftRuleWriter>? _verdict;
    private byte? _protocol;

    private XtRule()
    {
    }

    /// <param name="text">As <c>iptables-save</c> writes it behind <c>-A CHAIN</c>.</param>
    public static bool TryParse(string text, IpFamily family, [NotNullWhen(true)] out XtRule? rule)
    {
        rule = new();
        Words words = new(text);
        while (words.Next() is { } word)
            if (!rule.Take(word, words, family))
            {
                rule = null;
                return false;
            }
        return true;
    }

    public void Write(NftRuleWriter writer, string chain, bool atHead)
    {
        writer.BeginRule(chain, atHead, _protocol);
        if (_protocol is { } protocol) writer.RequireProtocol(protocol);
        foreach (var step in _addresses) step(writer);
        foreach (var step in _matches) step(writer);
        writer.Count();
        _verdict?.Invoke(writer);
        writer.EndRule();
    }

    private bool Take(string word, Words words, IpFamily family)
    {
        switch (word)
        {
            case "!" when words.Next() is ("-s" or "-d") and var side:
                return Address(words.Next(), family, side == "-s", equal: false);
            case "-s" or "-d":
                return Address(words.Next(), family, word == "-s", equal: true);
            case "-p":
                _protocol = words.Next() switch { "tcp" => 6, "udp" => 17, "sctp" => 132, _ => null };
                return _protocol is not null;
            case "-m":
                return Match(words.Next(), words, family);
            case "-j":
                return Verdict(words.Next(), words, family);
            default:
                return false;
        }
    }

    private bool Address(string? text, IpFamily family, bool source, bool equal)
    {
        if (!Prefix.TryParse(text, out var prefix) || prefix.Family != family || prefix.Length == 0) return false;
        _addresses.Add(writer => writer.RequireAddress(prefix, source, equal));
        return true;
    }

    private bool Match(string? name, Words words, IpFamily family)
    {
        switch (name)
        {
            case "comment" when words.Follow("--comment"):
                return Extension("comment", 0, XtInformation.Comment(words.Next() ?? ""));
            case "tcp" or "udp" or "sctp":
                return Port(name, words);
            case "addrtype":
                var source = words.Follow("--src-type", "LOCAL");
                return (source || words.Follow("--dst-type", "LOCAL"))
                    && Extension("addrtype", 1, XtInformation.LocalAddress(source));
            case "statistic" when words.Follow("--mode", "random", "--probability"):
                return double.TryParse(words.Next(), CultureInfo.InvariantCulture, out var share)
                    && Extension("statistic", 0, XtInformation.Statistic(share));
            case "recent":
                return Recent(words, family);
            default:
                return false;
        }
    }

    private bool Port(string protocol, Words words)
    {
        ushort? port = null;
        if (words.Follow("--dport"))
        {
            if (!ushort.TryParse(words.Next(), CultureInfo.InvariantCulture, out var number)) return false;
            port = number;
        }
        if (protocol == "sctp") return Extension(protocol, 0, XtInformation.Sctp(port));
        if (port is not { } wanted) return Extension(protocol, 0, XtInformation.AnyPort());
        _matches.Add(writer => writer.RequireDestinationPort(wanted));
        return true;
    }

    private bool Recent(Words words, IpFamily family)
    {
        var seconds = 0u;
        if (words.Follow("--rcheck", "--seconds"))
        {
            if (!uint.TryParse(words.Next(), CultureInfo.InvariantCulture, out seconds) || !words.Follow("--reap"))
                return false;
        }
        else if (!words.Follow("--set")) return false;
        if (!words.Follow("--name") || words.Next() is not { } name) return false;
        // The whole address: all that services ask for.
        return words.Follow("--mask") && words.Next() is not null && words.Follow("--rsource")
            && Extension("recent", 1, XtInformation.Recent(name, seconds, family));
    }

    private bool Extension(string name, int revision, byte[]? information)
    {
        if (information is null) return false;
        _matches.Add(writer => writer.Match(name, revision, information));
        return true;
    }

    private bool Verdict(string? target, Words words, IpFamily family)
    {
        if (target is null) return false;
        if (target.StartsWith("KUBE-", StringComparison.Ordinal))
        {
            _verdict = writer => writer.Jump(target);
            return true;
        }
        if (target != "DNAT" || !words.Follow("--to-destination") || words.Next() is not { } to) return false;
        var colon = to.LastIndexOf(':');
        if (colon < 0 || !IpAddress.TryParse(to[..colon].Trim('[', ']'), out var address) || address.Family != family
            || !ushort.TryParse(to[(colon + 1)..], CultureInfo.InvariantCulture, out var port)) return false;
        var information = XtInformation.Destination(address, port);
        _verdict = writer => writer.Target("DNAT", 2, information);
        return true;
    }

    /// <summary>The text's words, one after another; several in quotes are one.</summary>
    private sealed class Words(string text)
    {
        private int _at;

        public string? Next()
        {
            while (_at < text.Length && text[_at] == ' ') _at++;
            if (_at == text.Length) return null;
            var quoted = text[_at] == '"';
            var start = quoted ? _at + 1 : _at;
            var end = text.IndexOf(quoted ? '"' : ' ', start);
            if (end < 0) end = text.Length;
            _at = Math.Min(end + 1, text.Length);
            return text[start..end];
        }

        /// <summary>Goes behind these words where they come next; else stays.</summary>
        public bool Follow(params ReadOnlySpan<string> expected)
        {
            var before = _at;
            foreach (var word in expected)
            {
                if (Next() == word) continue;
                _at = before;
                return false;
            }
            return true;
        }
    }
}
