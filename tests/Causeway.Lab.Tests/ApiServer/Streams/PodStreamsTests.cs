using System.Text;
using Causeway.Lab.ApiServer.Streams;

namespace Causeway.Lab.Tests.ApiServer.Streams;

public sealed class PodStreamsTests
{
    private const string Pod = """
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},
         "spec":{"nodeName":"n1","containers":[{"name":"c","image":"busybox"}]}}
        """;

    [Fact]
    public async Task Logs_come_from_the_kubelet()
    {
        await using var server = await RunningServer.StartAsync(o => o with { Kubelet = new EchoKubelet() });
        await server.KubectlAsync("apply -f -", Pod);
        Assert.Equal("log of p/c on n1 tail 5\n", await server.KubectlAsync("logs p --tail=5"));
        var failed = await server.TryKubectlAsync("logs p --previous");
        Assert.Contains("no previous container", failed.Error);
        Assert.Contains("container x is not valid for pod p",
            (await server.TryKubectlAsync("logs p -c x")).Error);
    }

    [Fact]
    public async Task A_command_gets_its_input_and_its_exit_code_comes_back()
    {
        await using var server = await RunningServer.StartAsync(o => o with { Kubelet = new EchoKubelet() });
        await server.KubectlAsync("apply -f -", Pod);
        Assert.Equal("cat: hello", await server.KubectlAsync("exec -i p -- cat", "hello"));
        var failed = await server.TryKubectlAsync("exec p -- false");
        Assert.Equal(3, failed.ExitCode);
        Assert.Contains("on stderr", failed.Error);
        Assert.Contains("cannot start it", (await server.TryKubectlAsync("exec p -- broken")).Error);
    }

    [Fact]
    public async Task Without_a_kubelet_there_is_an_answer_all_the_same()
    {
        await using var server = await RunningServer.StartAsync();
        await server.KubectlAsync("apply -f -", Pod);
        Assert.Contains("no kubelet", (await server.TryKubectlAsync("logs p")).Error);
    }

    /// <summary>Answers with what it was asked, so that every part of a request is seen to arrive.</summary>
    private sealed class EchoKubelet : IKubeletStreams
    {
        public async Task<KubeletFault?> WriteLogAsync(PodLogRequest request, Stream output,
            CancellationToken cancel)
        {
            if (request.Previous) return new("no previous container");
            var text = $"log of {request.Pod}/{request.Container} on {request.Node} tail {request.TailLines}\n";
            await output.WriteAsync(Encoding.UTF8.GetBytes(text), cancel);
            return null;
        }

        public async Task<ExecOutcome> ExecAsync(PodExecRequest request, PodStreams streams,
            CancellationToken cancel)
        {
            if (request.Command[0] == "broken") return ExecOutcome.Failed("cannot start it");
            if (request.Command[0] == "false")
            {
                await streams.Stderr!.WriteAsync("on stderr"u8.ToArray(), cancel);
                return new(3);
            }
            await streams.Stdout!.WriteAsync(Encoding.UTF8.GetBytes(request.Command[0] + ": "), cancel);
            await streams.Stdin!.CopyToAsync(streams.Stdout, cancel);
            return new(0);
        }

        public Task<ExecOutcome> AttachAsync(PodExecRequest request, PodStreams streams,
            CancellationToken cancel) =>
            ExecAsync(request with { Command = ["attach"] }, streams, cancel);
    }
}
