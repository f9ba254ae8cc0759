using System.Globalization;

namespace Causeway.Core.Trace.Rulesets;

/// <summary>One value that an expression may have, with the part of the packets that gets it.</summary>
internal readonly record struct NftChoice(IReadOnlyList<NftField> Parts, double Share)
{
    public string Key => Parts.Count == 1 ? Parts[0].Text : string.Join(" . ", Parts.Select(p => p.Text));

    public bool Absent => Parts.Any(p => p.Absent);
}

/// <summary>
/// Evaluates an expression in nft's words for one packet: fields, masks, concatenations, and what chance or a hash
/// chooses, as one choice each.
/// </summary>
internal sealed class NftExpression
{
    // A rule spreads over endpoints, not over more.
    private const uint MostChoices = 65536;

    private readonly HookContext _at;
    private readonly RuleState _state;
    private readonly string[] _words;
    private int _next;
    private uint _choices;
    private uint _offset;
    private int _chosenPart = -1;

    private NftExpression(HookContext at, RuleState state, string text)
    {
        _at = at;
        _state = state;
        _words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>All values with their shares; null when the expression is not understood.</summary>
    public static IReadOnlyList<NftChoice>? Evaluate(HookContext at, RuleState state, string text)
    {
        var expression = new NftExpression(at, state, text);
        if (expression.Concatenation() is not { } parts || expression._next < expression._words.Length) return null;
        if (expression._chosenPart < 0) return [new(parts, 1)];
        var choices = new NftChoice[expression._choices];
        for (uint i = 0; i < choices.Length; i++)
        {
            var chosen = parts.ToArray();
            chosen[expression._chosenPart] = NftField.Of(i + expression._offset);
            choices[i] = new(chosen, 1.0 / choices.Length);
        }
        return choices;
    }

    private string? Word => _next < _words.Length ? _words[_next] : null;

    private List<NftField>? Concatenation()
    {
        List<NftField> parts = [];
        while (true)
        {
            if (Chooses(parts.Count) is { } chosen)
            {
                if (!chosen) return null;
                parts.Add(NftField.Of(0));
            }
            else if (Computed() is { } field)
            {
                parts.Add(field);
            }
            else
            {
                return null;
            }
            if (Word != ".") return parts;
            _next++;
        }
    }

    // numgen random mod 2 offset 0; jhash EXPRESSION mod 2 seed 0x1; symhash mod 2. Null for anything else.
    private bool? Chooses(int part)
    {
        if (Word is not ("numgen" or "jhash" or "symhash")) return null;
        while (Word is not (null or "mod")) _next++;
        if (Word is null || _chosenPart >= 0) return false;
        _next++;
        if (!uint.TryParse(Word, NumberStyles.None, CultureInfo.InvariantCulture, out _choices)) return false;
        _next++;
        while (Word is "seed" or "offset")
        {
            var offset = Word == "offset";
            _next++;
            if (offset && !uint.TryParse(Word, NumberStyles.None, CultureInfo.InvariantCulture, out _offset)) return false;
            _next++;
        }
        _chosenPart = part;
        return _choices is > 0 and <= MostChoices;
    }

    private NftField? Computed()
    {
        if (Primary() is not { } value) return null;
        while (Word is "&" or "|" or "^" or "<<" or ">>")
        {
            var @operator = _words[_next++];
            if (Primary() is not { } right) return null;
            if (value.Absent) continue;
            if (value.Number is not { } a || right.Number is not { } b) return null;
            value = NftField.Of(@operator switch
            {
                "&" => a & b,
                "|" => a | b,
                "^" => a ^ b,
                "<<" => a << (int)b,
                _ => a >> (int)b,
            });
        }
        return value;
    }

    private NftField? Primary()
    {
        if (Word is not { } first) return null;
        if (first is "iif" or "oif" or "iifname" or "oifname" or "mark") return Field(1);
        if (first == "fib")
        {
            var length = 2;
            while (_next + length < _words.Length && _words[_next + length] == ".") length += 2;
            return Field(length + 1);
        }
        if (first == "ct" && _next + 1 < _words.Length && _words[_next + 1] is "original" or "reply")
            return Field(_next + 2 < _words.Length && _words[_next + 2] is "ip" or "ip6" ? 4 : 3);
        if (first.StartsWith('('))
        {
            var text = "";
            while (Word is { } word)
            {
                text += word;
                _next++;
                if (word.EndsWith(')')) break;
            }
            return NftField.Of(text);
        }
        if (char.IsAsciiDigit(first[0]))
        {
            _next++;
            return NftField.Of(first);
        }
        return Field(2);
    }

    private NftField? Field(int length)
    {
        if (_next + length > _words.Length) return null;
        var name = string.Join(' ', _words[_next..(_next + length)]);
        _next += length;
        return NftFields.Of(_at, _state, name);
    }
}
