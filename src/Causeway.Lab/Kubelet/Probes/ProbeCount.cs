using Causeway.Lab.Objects;

namespace Causeway.Lab.Kubelet.Probes;

/// <summary>What a probe's answers add up to: a judgement changes once enough of them in a row
/// agree.</summary>
/// <param name="passing">The judgement before the first answer.</param>
public sealed class ProbeCount(ProbeSpec probe, bool passing)
{
    private bool _last;
    private int _run;

    public bool Passing { get; private set; } = passing;

    /// <summary>Takes an answer; true when it is one of enough in a row, so that <see cref="Passing"/>
    /// holds by them.</summary>
    public bool Take(bool success)
    {
        _run = _run > 0 && _last == success ? _run + 1 : 1;
        _last = success;
        if (_run < (success ? probe.SuccessThreshold : probe.FailureThreshold)) return false;
        Passing = success;
        return true;
    }
}
