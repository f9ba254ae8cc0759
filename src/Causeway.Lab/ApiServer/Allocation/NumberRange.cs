namespace Causeway.Lab.ApiServer.Allocation;

/// <summary>
/// Numbers from 0 to <paramref name="size"/> - 1 of which some are taken. The next one given goes on from the
/// last: what was freed is not given again at once. Numbers below <paramref name="reserved"/> are given by
/// themselves only when nothing else is left, so that those who ask for a certain one seldom find it taken.
/// </summary>
/// <param name="never">Numbers at the start that nobody gets without asking.</param>
internal sealed class NumberRange(UInt128 size, UInt128 reserved, UInt128 never)
{
    private readonly HashSet<UInt128> _taken = [];
    private UInt128? _last;

    public UInt128 Size => size;

    /// <summary>False when it is taken.</summary>
    public bool Take(UInt128 number) => _taken.Add(number);

    public void Free(UInt128 number) => _taken.Remove(number);

    /// <summary>Takes a free one; null when none is left.</summary>
    public UInt128? TakeNext()
    {
        if ((UInt128)_taken.Count >= size) return null;
        for (var tried = UInt128.Zero; tried < size - reserved; tried++)
        {
            var number = _last is { } last && last + 1 < size ? last + 1 : reserved;
            _last = number;
            if (_taken.Add(number)) return number;
        }
        for (var number = never; number < reserved; number++)
            if (_taken.Add(number)) return number;
        return null;
    }
}
