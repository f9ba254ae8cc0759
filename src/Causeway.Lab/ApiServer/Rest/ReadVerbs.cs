using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Resources;
using Causeway.Lab.ApiServer.Selection;
using Causeway.Lab.ApiServer.Store;
using Causeway.Lab.ApiServer.Tables;

namespace Causeway.Lab.ApiServer.Rest;

/// <summary>get and list.</summary>
internal sealed class ReadVerbs(ServerContext server)
{
    public Task GetAsync(ApiRequest request)
    {
        var value = server.Store.State.Find(request.Key) ?? throw StatusException.NotFound(request.Type,
            request.Name);
        return WriteObjectAsync(request, 200, value);
    }

    /// <summary>Writes an object in the form that the client asks for.</summary>
    public Task WriteObjectAsync(ApiRequest request, int code, StoredObject value)
    {
        switch (Form(request))
        {
            case ObjectForm.Table:
                var table = TableWriter.Start(request.Type, value.Revision);
                TableWriter.AddRow(table, request.Type, value, TableWriter.IncludeOf(request), server.Now);
                return request.Http.WriteAsync(code, table);
            case ObjectForm.Metadata:
                return request.Http.WriteAsync(code, PartialMetadata.Of(Conversion.Served(request.Type,
                    value)));
            default:
                return request.Http.WriteAsync(code, Conversion.Render(request.Type, value));
        }
    }

    public Task ListAsync(ApiRequest request)
    {
        var page = ListPage.Read(server.Store, request, Selector.Of(request));
        JsonObject metadata = new() { ["resourceVersion"] = page.Revision.ToString(CultureInfo.InvariantCulture) };
        if (page.Continue is not null)
        {
            metadata["continue"] = page.Continue;
            if (page.Remaining is { } remaining) metadata["remainingItemCount"] = remaining;
        }
        var form = Form(request);
        if (form == ObjectForm.Table)
        {
            var table = TableWriter.Start(request.Type, page.Revision);
            table["metadata"] = metadata;
            foreach (var item in page.Items)
                TableWriter.AddRow(table, request.Type, item, TableWriter.IncludeOf(request), server.Now);
            return request.Http.WriteAsync(200, table);
        }
        var (apiVersion, kind) = form == ObjectForm.Metadata
            ? ("meta.k8s.io/v1", "PartialObjectMetadataList")
            : (request.Type.ApiVersion, request.Type.ListKind);
        var head = $"{{\"kind\":\"{kind}\",\"apiVersion\":\"{apiVersion}\",\"metadata\":{metadata.ToJsonString()},\"items\":[";
        var items = page.Items.Select(i => form == ObjectForm.Metadata
            ? Responses.Utf8(PartialMetadata.Of(Conversion.Served(request.Type, i)))
            : Conversion.Render(request.Type, i));
        return WriteListAsync(request, Encoding.UTF8.GetBytes(head), items);
    }

    /// <summary>The objects' stored bytes go to the wire as they are.</summary>
    private static async Task WriteListAsync(ApiRequest request, byte[] head,
        IEnumerable<ReadOnlyMemory<byte>> items)
    {
        const int flushAt = 64 << 10;
        var response = request.Http.Response;
        response.ContentType = Responses.Json;
        var writer = response.BodyWriter;
        writer.Write(head);
        var first = true;
        foreach (var item in items)
        {
            if (!first) writer.Write(","u8);
            first = false;
            writer.Write(item.Span);
            if (writer.UnflushedBytes > flushAt) await writer.FlushAsync(request.Aborted);
        }
        writer.Write("]}"u8);
        await writer.FlushAsync(request.Aborted);
    }

    private static ObjectForm Form(ApiRequest request) =>
        Accept.FormOf(request.Http.Request.Headers.Accept.ToString()) ?? throw StatusException.NotAcceptable();
}
