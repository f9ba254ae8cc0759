using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Json;

namespace Causeway.Lab.ApiServer.Admission;

/// <summary>A pod's quality of service class, from its containers' requests and limits.</summary>
internal static class QualityOfService
{
    private static readonly string[] Counted = ["cpu", "memory"];

    public static string Of(JsonObject spec)
    {
        var guaranteed = true;
        var any = false;
        foreach (var container in spec.Items("containers").Concat(spec.Items("initContainers")))
        {
            foreach (var resource in Counted)
            {
                var limit = container.At("resources", "limits", resource)?.ToString();
                var request = container.At("resources", "requests", resource)?.ToString();
                any |= limit is not null || request is not null;
                guaranteed &= limit is not null && (request is null || request == limit);
            }
        }
        return !any ? "BestEffort" : guaranteed ? "Guaranteed" : "Burstable";
    }
}
