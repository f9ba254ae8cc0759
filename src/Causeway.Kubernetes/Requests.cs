using System.Globalization;
using System.Text;

namespace Causeway.Kubernetes;

/// <summary>Which objects, and which of their versions, a list or a watch is about.</summary>
public sealed record ListQuery
{
    public static readonly ListQuery All = new();

    /// <summary>In the API's string form.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>In the API's string form, such as <c>spec.nodeName=n1</c>.</summary>
    public string? FieldSelector { get; init; }

    /// <summary>Null reads the newest from the store; <c>0</c> takes whatever the server has in
    /// memory.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>Objects in a page; 0 asks for all at once.</summary>
    public int PageSize { get; init; } = 500;
}

/// <summary>The patch formats of the API, by their media types.</summary>
public enum PatchFormat
{
    /// <summary>RFC 7386.</summary>
    Merge,

    /// <summary>RFC 6902.</summary>
    Json,

    /// <summary>Lists merge by their keys; built-in kinds only.</summary>
    Strategic,

    /// <summary>Server-side apply; names a field manager.</summary>
    Apply,
}

/// <param name="Subresource">Such as <c>status</c>; null patches the object.</param>
/// <param name="FieldManager">Who owns the fields; apply must name one.</param>
/// <param name="Force">Apply: take fields from other managers.</param>
/// <param name="FieldValidation">What to do with unknown fields: <c>Strict</c>, <c>Warn</c> or <c>Ignore</c>; null
/// leaves it to the server.</param>
public sealed record PatchOptions(
    string? Subresource = null, string? FieldManager = null, bool Force = false, string? FieldValidation = null);

/// <param name="Uid">Delete only the object with this uid.</param>
/// <param name="ResourceVersion">Delete only this version.</param>
/// <param name="GracePeriodSeconds">Null leaves it to the object's own default.</param>
/// <param name="PropagationPolicy"><c>Foreground</c>, <c>Background</c> or <c>Orphan</c>.</param>
public sealed record DeleteOptions(
    string? Uid = null, string? ResourceVersion = null, int? GracePeriodSeconds = null,
    string? PropagationPolicy = null);

/// <summary>Limits that suit an agent; tests shorten them.</summary>
public sealed record KubeClientOptions
{
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a request that was told to slow down (429) is sent in all.</summary>
    public int Attempts { get; init; } = 5;

    public int MaxConnections { get; init; } = 16;

    public string UserAgent { get; init; } = "causeway";

    /// <summary>Opens the stream to the server some other way than TCP, such as through a Unix
    /// socket.</summary>
    public Func<CancellationToken, ValueTask<Stream>>? Connect { get; init; }

    /// <summary>Called after each answer, for metrics. Must be quick and safe on any thread.</summary>
    public Action<RequestMeasure>? OnRequest { get; init; }
}

/// <summary>One finished request. For a watch, the time until its first byte.</summary>
/// <param name="Verb"><c>get</c>, <c>list</c>, <c>watch</c>, <c>create</c>, <c>update</c>, <c>patch</c>,
/// <c>delete</c>.</param>
/// <param name="Code">The HTTP status; 0 when there was no answer.</param>
public readonly record struct RequestMeasure(string Verb, string Resource, int Code, TimeSpan Elapsed);

/// <summary>Builds a query string.</summary>
internal ref struct QueryBuilder(string path)
{
    private readonly StringBuilder _text = new(path);
    private bool _any;

    public QueryBuilder Add(string name, string? value)
    {
        if (string.IsNullOrEmpty(value)) return this;
        _text.Append(_any ? '&' : '?').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        _any = true;
        return this;
    }

    public QueryBuilder Add(string name, int value) =>
        value == 0 ? this : Add(name, value.ToString(CultureInfo.InvariantCulture));

    public override readonly string ToString() => _text.ToString();
}
