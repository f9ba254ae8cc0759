using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Causeway.Core.Cluster;
using Causeway.Kubernetes.Configuration;
using Causeway.Kubernetes.Watching;

namespace Causeway.Kubernetes;

/// <summary>
/// The client side of the Kubernetes API: the verbs over any <see cref="KubeType{T}"/>. Safe to use from many
/// threads; one per API server is enough. Everything that fails throws <see cref="KubeException"/>.
/// </summary>
public sealed class KubeClient : IDisposable
{
    private const string MergePatch = "application/merge-patch+json";

    private readonly KubeConnection _connection;

    public KubeClient(KubeAccess access, TimeProvider time, KubeClientOptions? options = null)
    {
        Access = access;
        _connection = new KubeConnection(access, time, options ?? new KubeClientOptions());
    }

    public KubeAccess Access { get; }

    /// <summary>Ends when the server takes TCP connections again: what to await after
    /// <see cref="KubeException.IsUnreachable"/>. All waiters share one probe.</summary>
    public Task Reachable(CancellationToken cancel) => _connection.Probe.Wait(cancel);

    public Task<T> Get<T>(
        KubeType<T> type, string name, string? ns = null, CancellationToken cancel = default) =>
        One(type, new(HttpMethod.Get, "get", type.Resource, type.Resource.Path(ns, name)), cancel);

    /// <summary>As <see cref="Get{T}"/>, but null when there is no such object.</summary>
    public async Task<T?> Find<T>(
        KubeType<T> type, string name, string? ns = null, CancellationToken cancel = default) where T : class
    {
        try
        {
            return await Get(type, name, ns, cancel);
        }
        catch (KubeException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    /// <summary>Every object, page by page; the metadata is that of the last page.</summary>
    /// <param name="onProblem">See <see cref="ListPage{T}"/>.</param>
    public async Task<KubeList<T>> List<T>(
        KubeType<T> type, ListQuery? query = null, string? ns = null, Action<string>? onProblem = null,
        CancellationToken cancel = default)
    {
        query ??= ListQuery.All;
        var page = await ListPage(type, query, ns, null, onProblem, cancel);
        if (string.IsNullOrEmpty(page.Metadata.Continue)) return page;
        List<T> items = [.. page.Items];
        while (!string.IsNullOrEmpty(page.Metadata.Continue))
        {
            page = await ListPage(type, query, ns, page.Metadata.Continue, onProblem, cancel);
            items.AddRange(page.Items);
        }
        return page with { Items = items };
    }

    /// <param name="continueToken">From the page before; null for the first.</param>
    /// <param name="onProblem">Told of each object that cannot be decoded, which is then left out; when null,
    /// such an object throws.</param>
    public async Task<KubeList<T>> ListPage<T>(
        KubeType<T> type, ListQuery query, string? ns, string? continueToken, Action<string>? onProblem,
        CancellationToken cancel)
    {
        var first = string.IsNullOrEmpty(continueToken);
        var path = new QueryBuilder(type.Resource.Path(ns))
            .Add("limit", query.PageSize)
            .Add("continue", continueToken)
            .Add("resourceVersion", first ? query.ResourceVersion : null)
            .Add("labelSelector", query.LabelSelector)
            .Add("fieldSelector", query.FieldSelector)
            .ToString();
        var request = new KubeRequest(HttpMethod.Get, "list", type.Resource, path);
        var body = await _connection.Send(request, cancel);
        return Decoded(request, () => ListDecoder.Decode(body, type, onProblem));
    }

    public Task<T> Create<T>(KubeType<T> type, T item, CancellationToken cancel = default) =>
        One(type, Write(HttpMethod.Post, "create", type, item, named: false, null), cancel);

    /// <summary>Replaces the object. With a resourceVersion in its metadata it must still be at that
    /// version.</summary>
    public Task<T> Replace<T>(KubeType<T> type, T item, CancellationToken cancel = default) =>
        One(type, Write(HttpMethod.Put, "update", type, item, named: true, null), cancel);

    /// <summary>Replaces the status alone.</summary>
    public Task<T> ReplaceStatus<T>(KubeType<T> type, T item, CancellationToken cancel = default) =>
        One(type, Write(HttpMethod.Put, "update", type, item, named: true, "status"), cancel);

    /// <summary>Replaces through a subresource of another name, such as <c>finalize</c> of namespaces.</summary>
    public Task<T> ReplaceSubresource<T>(
        KubeType<T> type, T item, string subresource, CancellationToken cancel = default) =>
        One(type, Write(HttpMethod.Put, "update", type, item, named: true, subresource), cancel);

    /// <summary>Creates through a subresource of an object, such as <c>binding</c> of a pod or <c>token</c> of a
    /// service account. Gives the answer: a Status or the thing created.</summary>
    public async Task<JsonNode?> CreateSubresource<T>(
        KubeType<T> type, string name, string? ns, string subresource, JsonNode body,
        CancellationToken cancel = default)
    {
        KubeRequest request = new(
            HttpMethod.Post, "create", type.Resource, type.Resource.Path(ns, name) + "/" + subresource,
            JsonSerializer.SerializeToUtf8Bytes(body, JsonTrees.Default.JsonNode));
        var answer = await _connection.Send(request, cancel);
        return Decoded(request, () => JsonSerializer.Deserialize(answer, JsonTrees.Default.JsonNode));
    }

    /// <param name="patch">The patch document; for apply, the object with apiVersion and kind.</param>
    public Task<T> Patch<T>(
        KubeType<T> type, string name, PatchFormat format, JsonNode patch, string? ns = null,
        PatchOptions? options = null, CancellationToken cancel = default)
    {
        options ??= new PatchOptions();
        var path = type.Resource.Path(ns, name) + (options.Subresource is { } sub ? "/" + sub : "");
        var query = new QueryBuilder(path)
            .Add("fieldManager", options.FieldManager ?? (format == PatchFormat.Apply ? "causeway" : null))
            .Add("force", options.Force ? "true" : null)
            .Add("fieldValidation", options.FieldValidation)
            .ToString();
        var media = format switch
        {
            PatchFormat.Json => "application/json-patch+json",
            PatchFormat.Strategic => "application/strategic-merge-patch+json",
            PatchFormat.Apply => "application/apply-patch+yaml",
            _ => MergePatch,
        };
        var body = JsonSerializer.SerializeToUtf8Bytes(patch, JsonTrees.Default.JsonNode);
        return One(type, new(HttpMethod.Patch, "patch", type.Resource, query, body, media), cancel);
    }

    /// <summary>Deletes, or begins to. Throws NotFound when there is no such object, Conflict when a
    /// precondition does not hold.</summary>
    public Task Delete<T>(
        KubeType<T> type, string name, string? ns = null, DeleteOptions? options = null,
        CancellationToken cancel = default)
    {
        var path = type.Resource.Path(ns, name);
        var body = options is null ? null : DeleteBody(options);
        return _connection.Send(new(HttpMethod.Delete, "delete", type.Resource, path, body), cancel);
    }

    /// <summary>A GET of any path, such as <c>/version</c> or <c>/apis</c>, as a JSON tree.</summary>
    public async Task<JsonNode?> GetRaw(string path, CancellationToken cancel = default)
    {
        var request = new KubeRequest(HttpMethod.Get, "get", null, path);
        var body = await _connection.Send(request, cancel);
        return Decoded(request, () => JsonSerializer.Deserialize(body, JsonTrees.Default.JsonNode));
    }

    /// <summary>
    /// The events after a version, until the server ends the watch (as it does every few minutes), the
    /// connection is lost or the watch expires; the latter two throw. <see cref="Reflector{T}"/> handles all
    /// of this.
    /// </summary>
    /// <param name="lifetime">After this the server is asked to end the watch.</param>
    public async IAsyncEnumerable<WatchEvent<T>> Watch<T>(
        KubeType<T> type, ListQuery query, TimeSpan lifetime, string? ns = null,
        [EnumeratorCancellation] CancellationToken cancel = default)
    {
        var path = new QueryBuilder(type.Resource.Path(ns))
            .Add("watch", "1")
            .Add("allowWatchBookmarks", "true")
            .Add("resourceVersion", query.ResourceVersion)
            .Add("timeoutSeconds", Math.Max(1, (int)lifetime.TotalSeconds))
            .Add("labelSelector", query.LabelSelector)
            .Add("fieldSelector", query.FieldSelector)
            .ToString();
        var request = new KubeRequest(HttpMethod.Get, "watch", type.Resource, path);
        using var response = await _connection.Open(request, cancel);
        await using var stream = await response.Content.ReadAsStreamAsync(cancel);
        using var lines = new LineReader(stream);
        while (await _connection.Guard(request, () => lines.Next(cancel), cancel) is { } line)
            yield return Decoded(request, () => EventDecoder.Decode(line.Span, type, request.Operation));
    }

    public void Dispose() => _connection.Dispose();

    private async Task<T> One<T>(KubeType<T> type, KubeRequest request, CancellationToken cancel)
    {
        var body = await _connection.Send(request, cancel);
        return Decoded(request, () => JsonSerializer.Deserialize(body, type.Json))
            ?? throw new KubeException(0, "BadAnswer", $"{request.Operation}: the server answered null");
    }

    private static KubeRequest Write<T>(
        HttpMethod method, string verb, KubeType<T> type, T item, bool named, string? subresource)
    {
        var stamped = type.Stamp(item);
        var identity = type.Identity(stamped);
        var path = type.Resource.Path(identity.Namespace, named ? identity.Name : null)
            + (subresource is null ? "" : "/" + subresource);
        var body = JsonSerializer.SerializeToUtf8Bytes(stamped, type.Json);
        return new(method, verb, type.Resource, path, body);
    }

    private static byte[] DeleteBody(DeleteOptions options)
    {
        var body = new JsonObject { ["kind"] = "DeleteOptions", ["apiVersion"] = "v1" };
        if (options.GracePeriodSeconds is { } grace) body["gracePeriodSeconds"] = grace;
        if (options.PropagationPolicy is { } policy) body["propagationPolicy"] = policy;
        var preconditions = new JsonObject();
        if (options.Uid is { } uid) preconditions["uid"] = uid;
        if (options.ResourceVersion is { } version) preconditions["resourceVersion"] = version;
        if (preconditions.Count > 0) body["preconditions"] = preconditions;
        return JsonSerializer.SerializeToUtf8Bytes(body, JsonTrees.Default.JsonObject);
    }

    private static TResult Decoded<TResult>(KubeRequest request, Func<TResult> decode)
    {
        try
        {
            return decode();
        }
        catch (JsonException e)
        {
            throw new KubeException(
                0, "BadAnswer", $"{request.Operation}: the server's answer cannot be read: {e.Message}", e);
        }
    }
}
