using Causeway.Cli;
using Causeway.Kubernetes;
using Causeway.Kubernetes.Configuration;
using Causeway.Lab.Capsule;

namespace Causeway.Lab;

/// <summary>What <c>lab up</c> does and shows; the demo begins with it too.</summary>
internal sealed class LabBringUp(LabDirectory lab, TimeProvider time, TextWriter output)
{
    private const int MostShown = 10;

    private readonly long _began = time.GetTimestamp();

    /// <summary>Gives the exit code: good once every node is Ready.</summary>
    public async Task<int> RunAsync(
        LabRequest request, int? port, TimeSpan patience, CancellationToken cancellation)
    {
        Say($"lab '{lab.Name}'");
        DateTimeOffset? since = time.GetUtcNow();
        var result = await new LabStart(lab, time, Step).RunAsync(request, port, cancellation);
        if (result == LabStartResult.Failed)
        {
            Say($"lab '{lab.Name}' did not come up");
            return ExitCode.Problems;
        }
        if (result == LabStartResult.AlreadyUp)
        {
            Step("the lab is up already");
            since = null;
        }
        var ready = await WaitAsync(since, patience, cancellation);
        Step($"{ready.Ready} of {ready.Nodes} nodes Ready");
        if (!ready.IsComplete)
        {
            ShowMissing(ready, patience);
            return ExitCode.Problems;
        }
        ShowNext();
        return ExitCode.Good;
    }

    private async Task<LabReadiness> WaitAsync(DateTimeOffset? since, TimeSpan patience, CancellationToken cancellation)
    {
        using var client = new KubeClient(KubeConfig.Load(lab.Kubeconfig).Access(), time);
        return await new ReadinessWait(client, lab.ReadConfig()!, since, time).RunAsync(patience, cancellation);
    }

    private void ShowMissing(LabReadiness ready, TimeSpan patience)
    {
        Say($"after {patience.TotalSeconds:0} s these nodes are not Ready:");
        foreach (var (node, why) in ready.Waiting.Take(MostShown)) Say($"  {node}: {why}");
        if (ready.Waiting.Count > MostShown) Say($"  and {ready.Waiting.Count - MostShown} more");
        Say($"the logs are in {lab.LogDirectory}; 'causeway lab status{Named}' shows what runs");
    }

    private string Named => lab.Name == LabDirectory.DefaultName ? "" : $" --lab {lab.Name}";

    private void ShowNext()
    {
        var named = Named;
        Say("");
        Say($"  kubeconfig: {lab.Kubeconfig}");
        Say($"  next:  export KUBECONFIG=$(causeway lab kubeconfig{named})");
        Say("         kubectl get nodes -o wide");
        Say($"         causeway lab status{named}");
        Say($"         causeway lab down{named}");
    }

    private void Step(string text) => Say($"  {time.GetElapsedTime(_began).TotalSeconds,6:0.00} s  {text}");

    private void Say(string text) => output.WriteLine(text);
}
