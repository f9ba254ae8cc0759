using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Causeway.Core.Dataplane.Iptables;

/// <summary>
/// A chain. It knows where its rules stand in the text, and reads them when they are asked for: of the tens of thousands
/// of chains of a large cluster a packet meets a few.
/// </summary>
public sealed class IptablesChain
{
    private readonly IptablesRuleParser _parser;
    private readonly List<TextPart> _parts = new(1);
    private ImmutableArray<IptablesRule> _rules;

    /// <param name="policy"><c>ACCEPT</c> or <c>DROP</c>; null for a chain that a user made.</param>
    internal IptablesChain(string name, string? policy, IptablesRuleParser parser) =>
        (Name, Policy, _parser) = (name, policy, parser);

    public string Name { get; }

    public string? Policy { get; }

    public bool IsEmpty => _parts.Count == 0;

    /// <summary>Read once; any thread may ask.</summary>
    public ImmutableArray<IptablesRule> Rules
    {
        get
        {
            if (_rules.IsDefault) ImmutableInterlocked.InterlockedInitialize(ref _rules, _parser.Parse(_parts));
            return _rules;
        }
    }

    /// <summary>The rules as the tool saved them, from <c>-A</c> on; nothing is read for that.</summary>
    public IEnumerable<string> Lines => _parser.Lines(_parts).Select(line => line.Rule);

    /// <param name="follows">Whether it stands right behind the last that was added.</param>
    internal void Add(int start, int end, bool follows)
    {
        if (follows) CollectionsMarshal.AsSpan(_parts)[^1] = _parts[^1] with { End = end };
        else _parts.Add(new(start, end));
    }
}

/// <summary>Some lines of a text, from the first byte to behind the last.</summary>
internal readonly record struct TextPart(int Start, int End);
