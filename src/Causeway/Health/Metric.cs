namespace Causeway.Health;

/// <summary>One number. Any thread may change it.</summary>
internal sealed class Metric
{
    private double _value;

    public double Value => Volatile.Read(ref _value);

    public void Set(double value) => Volatile.Write(ref _value, value);

    public void AddOne() => Add();

    public void Add(double amount = 1)
    {
        var before = Volatile.Read(ref _value);
        while (true)
        {
            var seen = Interlocked.CompareExchange(ref _value, before + amount, before);
            if (seen.Equals(before)) return;
            before = seen;
        }
    }
}

/// <summary>How often values fell below each of some bounds. Any thread may add.</summary>
/// <param name="bounds">Upwards.</param>
internal sealed class Histogram(IReadOnlyList<double> bounds)
{
    private readonly long[] _counts = new long[bounds.Count + 1];
    private readonly Metric _sum = new();

    public IReadOnlyList<double> Bounds => bounds;

    public double Sum => _sum.Value;

    /// <param name="times">How many values of this size.</param>
    public void Add(double value, long times = 1)
    {
        var bucket = 0;
        while (bucket < bounds.Count && value > bounds[bucket]) bucket++;
        Interlocked.Add(ref _counts[bucket], times);
        _sum.Add(value * times);
    }

    /// <summary>How many values are not above the bound with this index; of all for the index after the last.</summary>
    public long CountUpTo(int index)
    {
        var total = 0L;
        for (var i = 0; i <= index; i++) total += Interlocked.Read(ref _counts[i]);
        return total;
    }
}
