using System.Text;
using Causeway.Linux.Processes;

namespace Causeway.Linux.Tests.Processes;

public sealed class OutputPumpTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Output_of_many_children_comes_whole_and_in_order()
    {
        using var pump = new OutputPump();
        var outputs = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => RunAsync(pump, $"seq {i} 20000; echo end >&2")))
            .WaitAsync(Patience);
        for (var i = 0; i < outputs.Length; i++)
            Assert.Equal(string.Concat(Enumerable.Range(i, 20001 - i).Select(n => $"{n}\n")) + "end\n", outputs[i]);
    }

    [Fact]
    public void Disposing_with_open_pipes_ends_its_thread()
    {
        var pump = new OutputPump();
        using var open = pump.Open(static _ => { });
        pump.Dispose();
        Assert.Throws<ObjectDisposedException>(() => pump.Open(static _ => { }));
    }

    private static Task<string> RunAsync(OutputPump pump, string script)
    {
        var text = new StringBuilder();
        var ended = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var pipe = pump.Open(bytes =>
        {
            if (bytes.IsEmpty) ended.SetResult(text.ToString());
            else text.Append(Encoding.ASCII.GetString(bytes));
        });
        ProcessSpawner.Spawn(new ProcessStart("sh", "-c", script)
        {
            Output = ChildStream.Descriptor(pipe), Error = ChildStream.Descriptor(pipe),
        });
        return ended.Task;
    }
}
