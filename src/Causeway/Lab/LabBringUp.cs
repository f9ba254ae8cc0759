using Causeway.Cli;
using Causeway.Lab.Capsule;

namespace Causeway.Lab;

/// <summary>What <c>lab up</c> does and shows; the demo begins with it too.</summary>
internal sealed class LabBringUp(LabDirectory lab, TimeProvider time, TextWriter output)
{
    private readonly long _began = time.GetTimestamp();

    /// <summary>Gives the exit code: good once every node is Ready.</summary>
    public async Task<int> RunAsync(
        LabRequest request, int? port, TimeSpan patience, CancellationToken cancellation)
    {
        Say($"lab '{lab.Name}'");
        var result = await new LabStart(lab, time, Step).RunAsync(request, port, cancellation);
        if (result == LabStartResult.Failed)
        {
            Say($"lab '{lab.Name}' did not come up");
            return ExitCode.Problems;
        }
        if (result == LabStartResult.AlreadyUp) Say($"lab '{lab.Name}' is already up");
        _ = patience;
        ShowNext();
        return ExitCode.Good;
    }

    private void ShowNext()
    {
        var named = lab.Name == LabDirectory.DefaultName ? "" : $" --lab {lab.Name}";
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
