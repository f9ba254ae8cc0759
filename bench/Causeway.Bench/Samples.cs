using System.Globalization;

namespace Causeway.Bench;

/// <summary>Measured times in milliseconds.</summary>
internal sealed class Samples
{
    private readonly List<double> _values = [];

    public void Add(TimeSpan time) => _values.Add(time.TotalMilliseconds);

    public double Median => Quantile(0.5);

    /// <summary>The value below which this share of the samples lies.</summary>
    public double Quantile(double share)
    {
        var sorted = _values.Order().ToArray();
        return sorted.Length == 0 ? double.NaN : sorted[(int)(share * (sorted.Length - 1))];
    }

    /// <summary>Median, and the tenth and ninetieth percentile.</summary>
    public override string ToString() =>
        $"median {Text(Median)}  p10 {Text(Quantile(0.1))}  p90 {Text(Quantile(0.9))}";

    private static string Text(double value) =>
        value.ToString(value < 1 ? "0.000" : "0.0", CultureInfo.InvariantCulture);
}
