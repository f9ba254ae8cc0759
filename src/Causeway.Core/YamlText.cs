using System.Diagnostics.CodeAnalysis;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Causeway.Core;

/// <summary>Why a text is no YAML.</summary>
/// <param name="At">Null where the parser does not say.</param>
public readonly record struct YamlFault(Mark? At, Exception Exception)
{
    /// <summary>What is behind it, where something is.</summary>
    public string Cause => Exception.InnerException is { } inner && At is not null ? inner.Message : Exception.Message;
}

/// <summary>Texts that somebody wrote, as trees of YAML that have an end, and are not too large to be walked.</summary>
public static class YamlText
{
    public static bool TryLoad(string text, [NotNullWhen(true)] out IList<YamlDocument>? documents, out YamlFault fault)
    {
        (documents, fault) = (null, default);
        var stream = new YamlStream();
        try
        {
            YamlShape.Check(text);
            stream.Load(new StringReader(text));
            documents = stream.Documents;
            return true;
        }
        catch (YamlException e)
        {
            fault = new(e.Start, e);
        }
        // The parser meets some malformed texts with whatever its own code happens to throw.
        catch (Exception e)
        {
            fault = new(null, e);
        }
        return false;
    }
}
