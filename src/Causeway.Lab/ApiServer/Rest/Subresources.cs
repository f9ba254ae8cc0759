using Causeway.Lab.ApiServer.Accounts;
using Causeway.Lab.ApiServer.Streams;

namespace Causeway.Lab.ApiServer.Rest;

/// <summary>Sends requests for a part of an object to where it is done.</summary>
internal sealed class Subresources(
    ServerContext server, ReadVerbs reader, WriteVerbs writer, ScaleSubresource scale, PodSubresources pods,
    CancellationToken stopping)
{
    private readonly PodStreamsVerb _streams = new(server, stopping);
    private readonly TokenVerb _tokens = new(server);

    public Task RunAsync(ApiRequest request)
    {
        var type = request.Type;
        var isPod = type.StorageKey == "pods";
        return (request.Subresource, request.Http.Request.Method) switch
        {
            ("status", "GET" or "HEAD") when type.HasStatus => reader.GetAsync(request),
            ("status", "PUT") when type.HasStatus => writer.UpdateAsync(request),
            ("status", "PATCH") when type.HasStatus => writer.PatchAsync(request),
            ("finalize", "PUT") when type.StorageKey == "namespaces" => writer.UpdateAsync(request),
            ("scale", "GET" or "HEAD") when type.Scale is not null => scale.GetAsync(request),
            ("scale", "PUT") when type.Scale is not null => scale.UpdateAsync(request),
            ("scale", "PATCH") when type.Scale is not null => scale.PatchAsync(request),
            ("binding", "POST") when isPod => pods.BindAsync(request),
            ("eviction", "POST") when isPod => pods.EvictAsync(request),
            ("token", "POST") when type.StorageKey == "serviceaccounts" => _tokens.CreateAsync(request),
            ("log", "GET") when isPod => _streams.LogAsync(request),
            ("exec", "GET" or "POST") when isPod => _streams.ExecAsync(request, isAttach: false),
            ("attach", "GET" or "POST") when isPod => _streams.ExecAsync(request, isAttach: true),
            ("status" or "scale" or "binding" or "eviction" or "token" or "log" or "exec" or "attach", _) =>
                throw StatusException.MethodNotAllowed(),
            _ => throw StatusException.NoSuchPath(),
        };
    }
}
