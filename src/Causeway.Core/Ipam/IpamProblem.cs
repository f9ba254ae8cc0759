namespace Causeway.Core.Ipam;

/// <summary>Something wrong with the objects of address management.</summary>
/// <param name="Code">Stable, for scripts: <c>pool-overlap</c>, <c>address-without-pod</c>.</param>
/// <param name="Object">Kind and name: <c>IPPool/default</c>.</param>
/// <param name="Message">What is wrong, in one line.</param>
/// <param name="Fix">What to do about it, in one line.</param>
public sealed record IpamProblem(string Code, string Object, string Message, string Fix)
{
    public override string ToString() => $"{Object}: {Message}; {Fix}";
}
