using System.Text;
using Causeway.Kubernetes.Watching;
using CsCheck;

namespace Causeway.Kubernetes.Tests.Watching;

public sealed class LineReaderTests
{
    [Fact]
    public void Any_lines_in_any_pieces_come_out_whole() =>
        Gen.Select(Gen.Char['a', 'z'].Array[0, 9000].Select(c => new string(c)).List[0, 8], Gen.Int[1, 5000])
            .Sample((lines, piece) =>
            {
                var text = string.Concat(lines.Select(l => l + "\n"));
                Assert.Equal(lines.Where(l => l.Length > 0), Read(text, piece));
            }, iter: 300);

    [Fact]
    public void Half_a_line_at_the_end_is_left_out() => Assert.Equal(["one"], Read("one\ntw", 2));

    [Fact]
    public void Line_over_the_limit_is_an_error() => Assert.Throws<InvalidDataException>(() =>
        Read(new string('x', 100_000), 1000, limit: 8192));

    private static List<string> Read(string text, int piece, int limit = LineReader.DefaultLimit)
    {
        using var reader = new LineReader(new Pieces(Encoding.UTF8.GetBytes(text), piece), limit);
        List<string> lines = [];
        while (reader.Next(CancellationToken.None).AsTask().GetAwaiter().GetResult() is { } line)
            lines.Add(Encoding.UTF8.GetString(line.Span));
        return lines;
    }

    /// <summary>Gives at most so many bytes at a time, as a network does.</summary>
    private sealed class Pieces(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancel = default) =>
            base.ReadAsync(buffer[..Math.Min(piece, buffer.Length)], cancel);
    }
}
