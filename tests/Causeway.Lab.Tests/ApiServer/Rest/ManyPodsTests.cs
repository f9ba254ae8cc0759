namespace Causeway.Lab.Tests.ApiServer.Rest;

public sealed class ManyPodsTests(ITestOutputHelper output)
{
    private const int Pods = 1000;
    private const int Updates = 4;

    /// <summary>The load of a lab of 100 nodes: its duration is written down, and judged in the
    /// benchmarks.</summary>
    [Fact]
    public async Task A_thousand_pods_change_their_status_while_a_hundred_nodes_watch_their_own()
    {
        await using var server = await RunningServer.StartAsync();
        using var cancel = new CancellationTokenSource();
        var seen = 0;
        // All watch before the first pod is made: who comes later is told each pod once, as it is then.
        var responses = await Task.WhenAll(Enumerable.Range(0, 100).Select(WatchAsync));
        var watchers = responses.Select((response, node) => CountAsync(response, node)).ToList();
        var clock = System.Diagnostics.Stopwatch.StartNew();
        await Parallel.ForEachAsync(Enumerable.Range(0, Pods),
            new ParallelOptions { MaxDegreeOfParallelism = 32 },
            async (i, _) =>
            {
                var path = "/api/v1/namespaces/default/pods";
                await server.PostAsync(path, $$$"""
                    {"metadata":{"name":"p{{{i}}}","labels":{"app":"x"}},
                     "spec":{"nodeName":"n{{{i % 100}}}","containers":[{"name":"c","image":"nginx"}]}}
                    """);
                for (var u = 0; u < Updates; u++)
                {
                    await server.PatchAsync($"{path}/p{i}/status", "application/merge-patch+json",
                        $$$"""{"status":{"phase":"Running","podIP":"10.0.0.{{{u}}}"}}""");
                }
            });
        output.WriteLine($"{Pods} pods, {Updates} updates each: {clock.ElapsedMilliseconds} ms");
        while (Volatile.Read(ref seen) < Pods * (Updates + 1))
        {
            if (watchers.Find(w => w.IsCompleted) is { } ended) await ended;
            await Task.Delay(20);
        }
        output.WriteLine($"seen by all watchers: {clock.ElapsedMilliseconds} ms");
        await cancel.CancelAsync();
        await Task.WhenAll(watchers);

        Task<HttpResponseMessage> WatchAsync(int node) => server.Client.GetAsync(
            $"/api/v1/pods?watch=true&fieldSelector=spec.nodeName%3Dn{node}",
            HttpCompletionOption.ResponseHeadersRead, cancel.Token);

        async Task CountAsync(HttpResponseMessage response, int node)
        {
            try
            {
                using (response)
                {
                    using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancel.Token));
                    while (await reader.ReadLineAsync(cancel.Token) is { } line)
                    {
                        Assert.Contains($"\"nodeName\":\"n{node}\"", line);
                        Interlocked.Increment(ref seen);
                    }
                }
            }
            catch (OperationCanceledException)
            {
                // All was seen.
            }
        }
    }
}
