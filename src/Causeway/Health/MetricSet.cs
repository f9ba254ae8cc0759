using System.Globalization;
using System.Text;

namespace Causeway.Health;

/// <summary>What a program counts, as Prometheus reads it (text format 0.0.4). A number is asked for once by name and
/// labels, and kept by who changes it.</summary>
internal sealed class MetricSet
{
    private readonly SortedDictionary<string, Family> _families = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    public Metric Counter(string name, string help, params ReadOnlySpan<(string Name, string Value)> labels) =>
        Child(name, "counter", help, labels, () => new Metric());

    public Metric Gauge(string name, string help, params ReadOnlySpan<(string Name, string Value)> labels) =>
        Child(name, "gauge", help, labels, () => new Metric());

    public Histogram Histogram(
        string name, string help, IReadOnlyList<double> bounds, params ReadOnlySpan<(string Name, string Value)> labels) =>
        Child(name, "histogram", help, labels, () => new Histogram(bounds));

    /// <summary>A number that is read when somebody asks. Named again, the later reader counts.</summary>
    /// <param name="type"><c>gauge</c> or <c>counter</c>.</param>
    public void Read(
        string type, string name, string help, Func<double> value, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        var key = Text(labels);
        lock (_gate) FamilyOf(name, type, help).Children[key] = value;
    }

    public string Text()
    {
        StringBuilder text = new();
        lock (_gate)
        {
            foreach (var (name, family) in _families)
            {
                text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {family.Help}\n# TYPE {name} {family.Type}\n");
                foreach (var (labels, child) in family.Children) Write(text, name, labels, child);
            }
        }
        return text.ToString();
    }

    private T Child<T>(
        string name, string type, string help, ReadOnlySpan<(string Name, string Value)> labels, Func<T> make) where T : class
    {
        var key = Text(labels);
        lock (_gate)
        {
            var children = FamilyOf(name, type, help).Children;
            if (children.GetValueOrDefault(key) is T known) return known;
            var made = make();
            children[key] = made;
            return made;
        }
    }

    private Family FamilyOf(string name, string type, string help)
    {
        if (!_families.TryGetValue(name, out var family)) _families[name] = family = new(type, help);
        return family;
    }

    private static void Write(StringBuilder text, string name, string labels, object child)
    {
        switch (child)
        {
            case Metric metric:
                Line(text, name, labels, metric.Value);
                break;
            case Func<double> read:
                Line(text, name, labels, read());
                break;
            case Histogram histogram:
                for (var i = 0; i <= histogram.Bounds.Count; i++)
                {
                    var bound = i < histogram.Bounds.Count
                        ? histogram.Bounds[i].ToString(CultureInfo.InvariantCulture)
                        : "+Inf";
                    Line(text, name + "_bucket", Join(labels, $"le=\"{bound}\""), histogram.CountUpTo(i));
                }
                Line(text, name + "_sum", labels, histogram.Sum);
                Line(text, name + "_count", labels, histogram.CountUpTo(histogram.Bounds.Count));
                break;
        }
    }

    private static void Line(StringBuilder text, string name, string labels, double value) => text.Append(
        CultureInfo.InvariantCulture, $"{name}{(labels.Length > 0 ? $"{{{labels}}}" : "")} {value}\n");

    private static string Join(string labels, string more) => labels.Length > 0 ? $"{labels},{more}" : more;

    private static string Text(ReadOnlySpan<(string Name, string Value)> labels)
    {
        StringBuilder text = new();
        foreach (var (name, value) in labels)
        {
            var escaped = value.Replace("\\", @"\\", StringComparison.Ordinal)
                .Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
            text.Append(text.Length > 0 ? "," : "").Append(CultureInfo.InvariantCulture, $"{name}=\"{escaped}\"");
        }
        return text.ToString();
    }

    /// <param name="Type">Prometheus's word.</param>
    private sealed record Family(string Type, string Help)
    {
        public SortedDictionary<string, object> Children { get; } = new(StringComparer.Ordinal);
    }
}
