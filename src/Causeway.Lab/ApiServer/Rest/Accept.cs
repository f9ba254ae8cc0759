namespace Causeway.Lab.ApiServer.Rest;

/// <summary>The forms in which objects can be given.</summary>
public enum ObjectForm
{
    Json,
    Table,

    /// <summary>Only apiVersion, kind and metadata: <c>PartialObjectMetadata</c>.</summary>
    Metadata,
}

/// <summary>Reads the Accept header (RFC 9110 section 12.5.1) with the parameters of the Kubernetes
/// API.</summary>
public static class Accept
{
    /// <summary>The first form in the header that this server has; null when there is none.</summary>
    public static ObjectForm? FormOf(string header)
    {
        if (header.Length == 0) return ObjectForm.Json;
        foreach (var range in header.Split(','))
        {
            var parts = range.Split(';', StringSplitOptions.TrimEntries);
            if (parts[0] is not ("application/json" or "*/*" or "application/*")) continue;
            var form = Parameter(parts, "as=");
            if (form is null) return ObjectForm.Json;
            if (Parameter(parts, "g=") is not (null or "meta.k8s.io")
                || Parameter(parts, "v=") is not ("v1" or "v1beta1"))
                continue;
            if (form == "Table") return ObjectForm.Table;
            if (form is "PartialObjectMetadata" or "PartialObjectMetadataList") return ObjectForm.Metadata;
        }
        return null;
    }

    /// <summary>The version of aggregated discovery that the client takes; null for the plain
    /// documents.</summary>
    public static string? AggregatedDiscovery(string header)
    {
        foreach (var range in header.Split(','))
        {
            var parts = range.Split(';', StringSplitOptions.TrimEntries);
            if (parts[0] != "application/json") continue;
            if (Parameter(parts, "as=") is null) return null;
            if (Parameter(parts, "as=") == "APIGroupDiscoveryList"
                && Parameter(parts, "g=") == "apidiscovery.k8s.io"
                && Parameter(parts, "v=") is ("v2" or "v2beta1") and var version)
                return version;
        }
        return null;
    }

    private static string? Parameter(string[] parts, string name)
    {
        foreach (var part in parts.AsSpan(1))
            if (part.StartsWith(name, StringComparison.Ordinal))
                return part[name.Length..];
        return null;
    }
}
