using System.Globalization;
using System.Text.Json;
using Causeway.Lab.Objects;

namespace Causeway.Lab.Controllers.Deployments;

/// <summary>How far a rollout may go above and below the wanted number of pods.</summary>
public readonly record struct RolloutBounds(int Surge, int Unavailable)
{
    /// <summary>Percentages of the replicas: the surge rounds up, the unavailable down. Both zero could never
    /// move, so that one may be unavailable then. The defaults are 25% each.</summary>
    public static RolloutBounds Of(DeploymentObject deployment)
    {
        if (deployment.Spec?.Strategy?.Type == "Recreate") return new(0, deployment.Replicas);
        var rolling = deployment.Spec?.Strategy?.RollingUpdate;
        var surge = Resolve(rolling?.MaxSurge, deployment.Replicas, "25%", up: true);
        var unavailable = Resolve(rolling?.MaxUnavailable, deployment.Replicas, "25%", up: false);
        return new(surge, surge == 0 && unavailable == 0 ? 1 : unavailable);
    }

    /// <summary>A number, or a percentage of <paramref name="total"/>. What is neither counts as zero: the
    /// API server refuses it before it comes here.</summary>
    public static int Resolve(JsonElement? value, int total, string fallback, bool up)
    {
        if (value is { ValueKind: JsonValueKind.Number } number
            && number.TryGetInt32(out var plain)) return plain;
        var text = value is { ValueKind: JsonValueKind.String } given ? given.GetString()! : fallback;
        if (!text.EndsWith('%'))
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
                ? count
                : 0;
        if (!int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture,
            out var percent)) return 0;
        var scaled = (long)total * percent;
        return (int)((up ? scaled + 99 : scaled) / 100);
    }
}
