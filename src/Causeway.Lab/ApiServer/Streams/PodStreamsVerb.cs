using System.Globalization;
using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Json;
using Causeway.Lab.ApiServer.Rest;

namespace Causeway.Lab.ApiServer.Streams;

/// <summary>log, exec and attach: passed on to the kubelet that runs the pod.</summary>
internal sealed class PodStreamsVerb(ServerContext server, CancellationToken stopping)
{
    public async Task LogAsync(ApiRequest request)
    {
        var kubelet = Kubelet();
        var pod = Pod(request);
        var since = request.Number("sinceSeconds") is { } seconds
            ? server.Now.AddSeconds(-seconds)
            : DateTimeOffset.TryParse(request.Query("sinceTime"), CultureInfo.InvariantCulture, out var time)
                ? time : (DateTimeOffset?)null;
        var log = new PodLogRequest(
            Node(request, pod), request.Namespace!, request.Name, pod.Text("metadata", "uid")!,
                Container(request, pod),
            request.Flag("follow"), request.Flag("previous"), request.Flag("timestamps"),
                request.Number("tailLines"),
            since, request.Number("limitBytes"));
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted, stopping);
        request.Http.Response.ContentType = "text/plain";
        var fault = await kubelet.WriteLogAsync(log, request.Http.Response.Body, cancel.Token);
        if (fault is null) await request.Http.Response.Body.FlushAsync(cancel.Token);
        else if (!request.Http.Response.HasStarted) throw StatusException.BadRequest(fault.Message);
    }

    public async Task ExecAsync(ApiRequest request, bool isAttach)
    {
        var kubelet = Kubelet();
        var pod = Pod(request);
        var exec = new PodExecRequest(
            Node(request, pod), request.Namespace!, request.Name, pod.Text("metadata", "uid")!,
                Container(request, pod),
            [.. request.Http.Request.Query["command"].OfType<string>()], request.Flag("tty"));
        if (!isAttach && exec.Command.Count == 0)
            throw StatusException.BadRequest("you must specify at least 1 command for the container");
        if (!RemoteCommandSocket.IsUpgrade(request.Http))
        {
            throw StatusException.BadRequest("exec and attach need a WebSocket: upgrade the connection with one of "
                + string.Join(", ", RemoteCommandSocket.Protocols));
        }
        await using var socket = await RemoteCommandSocket.AcceptAsync(
            request.Http, request.Flag("stdin"), request.Flag("stdout"), request.Flag("stderr")
                && !exec.Tty, exec.Tty);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted, stopping);
        await socket.RunAsync(
            (streams, token) => isAttach
                ? kubelet.AttachAsync(exec, streams, token) : kubelet.ExecAsync(exec, streams, token),
            cancel.Token);
    }

    private IKubeletStreams Kubelet() => server.Options.Kubelet
        ?? throw StatusException.Unavailable("no kubelet serves logs and commands on this server");

    private JsonObject Pod(ApiRequest request) => server.Store.State.Find(request.Key)?.Parse()
        ?? throw StatusException.NotFound(request.Type, request.Name);

    private static string Node(ApiRequest request, JsonObject pod) => pod.Text("spec", "nodeName")
        ?? throw StatusException.BadRequest($"pod {request.Name} does not have a host assigned");

    /// <summary>The one asked for; else the one that an annotation prefers; else the only one, or the
    /// first.</summary>
    private static string Container(ApiRequest request, JsonObject pod)
    {
        var names = pod.Items("spec", "containers").Concat(pod.Items("spec", "initContainers"))
            .Select(c => c.Text("name")!).ToList();
        var wanted = request.Query("container");
        if (wanted.Length == 0)
        {
            var preferred = pod.Text("metadata", "annotations", "kubectl.kubernetes.io/default-container");
            if (preferred is null && pod.Items("spec", "containers").Count() > 1)
            {
                throw StatusException.BadRequest($"a container name must be specified for pod {request.Name}, choose"
                    + $" one of: [{string.Join(' ', names)}]");
            }
            wanted = preferred ?? names[0];
        }
        return names.Contains(wanted) ? wanted
            : throw StatusException.BadRequest($"container {wanted} is not valid for pod {request.Name}");
    }
}
