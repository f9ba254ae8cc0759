using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;

namespace Causeway.Core.Wire.Cni;

/// <summary>
/// JSON strings with no more escaped than must be (RFC 8259, section 7): messages hold quotes and names in any script,
/// and nothing of this goes into HTML. The framework's own such encoder fills tables for all of Unicode first, which
/// takes the plugin longer than all that it writes.
/// </summary>
internal sealed class PlainJson : JavaScriptEncoder
{
    public static readonly PlainJson Encoder = new();

    private const int LongestEscape = 6; // \u001f

    private PlainJson()
    {
    }

    public override int MaxOutputCharactersPerInputCharacter => LongestEscape;

    public override bool WillEncode(int unicodeScalar) => unicodeScalar is < ' ' or '"' or '\\';

    public override unsafe int FindFirstCharacterToEncode(char* text, int textLength)
    {
        var rest = new ReadOnlySpan<char>(text, textLength);
        for (var index = 0; !rest.IsEmpty;)
        {
            // Half a surrogate pair is no text; the caller puts U+FFFD in its place.
            if (Rune.DecodeFromUtf16(rest, out var rune, out var length) != OperationStatus.Done || WillEncode(rune.Value))
                return index;
            index += length;
            rest = rest[length..];
        }
        return -1;
    }

    public override unsafe bool TryEncodeUnicodeScalar(
        int unicodeScalar, char* buffer, int bufferLength, out int numberOfCharactersWritten)
    {
        var room = new Span<char>(buffer, bufferLength);
        if (!WillEncode(unicodeScalar)) return new Rune(unicodeScalar).TryEncodeToUtf16(room, out numberOfCharactersWritten);
        var escape = unicodeScalar >= ' ' ? $"\\{(char)unicodeScalar}" : $"\\u{unicodeScalar:x4}";
        var fits = escape.TryCopyTo(room);
        numberOfCharactersWritten = fits ? escape.Length : 0;
        return fits;
    }
}
