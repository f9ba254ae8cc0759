namespace Causeway.Core.Trace;

/// <summary>What stopped a packet, or kept the trace from telling. Closed: docs/trace.md lists each.</summary>
public enum CauseCode
{
    PodNotRunning,
    PodWithoutAddress,
    AddressMissing,
    AddressTentative,
    DeviceMissing,
    DeviceDown,
    NoCarrier,
    NoRoute,
    RouteMissing,
    RouteWrong,
    RouteOverridden,
    RouteBlackhole,
    RouteUnreachable,
    RouteProhibit,
    NoSourceAddress,
    ForwardingOff,
    ReversePath,
    MartianSource,
    TtlExceeded,
    Loop,
    RuleDrop,
    RuleReject,
    RuleMissing,
    NoEndpoints,
    ServiceUnprogrammed,
    ServicePort,
    NeighbourMissing,
    NeighbourWrong,
    NeighbourUnanswered,
    ProxyOff,
    FdbMissing,
    FdbWrong,
    VxlanLocal,
    VxlanMismatch,
    VxlanAbsent,
    Mtu,
    WrongHost,
    ReplyDiffers,
    NameNotFound,
    NameWithoutAddress,
    NameRefused,
    NoNameserver,
    LeavesCluster,
    NameUnknown,
    RuleUnknown,
    SettingUnknown,
    StateUnknown,
    WireUnknown,
}

/// <summary>The one thing to look at.</summary>
/// <param name="Message">One sentence that names the hop.</param>
/// <param name="Node">The node on which it is; a pod's fault is on the pod's node.</param>
/// <param name="Evidence">The line of the kernel's tables, or the one that is missing.</param>
/// <param name="Fix">What to do.</param>
public sealed record Cause(CauseCode Code, string Message, string Node, string Evidence, string Fix)
{
    /// <summary>The code as the JSON form writes it: <c>route-missing</c>.</summary>
    public string CodeText => TraceJson.Word(Code.ToString());

    /// <summary>The codes that mean that the trace could not tell.</summary>
    public bool IsUnknown => Code is CauseCode.LeavesCluster or CauseCode.NameUnknown or CauseCode.RuleUnknown
        or CauseCode.SettingUnknown or CauseCode.StateUnknown or CauseCode.WireUnknown;
}
