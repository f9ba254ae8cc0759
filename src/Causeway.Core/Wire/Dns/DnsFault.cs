namespace Causeway.Core.Wire.Dns;

/// <summary>Why bytes are no DNS message.</summary>
public enum DnsFaultKind : byte
{
    None,

    /// <summary>The message ends before the field does.</summary>
    Short,

    /// <summary>A label's first two bits are neither 00 nor 11.</summary>
    LabelKind,

    /// <summary>A compression pointer does not point backwards: it could go round for ever.</summary>
    Pointer,

    /// <summary>A name exceeds 255 bytes (RFC 1035 section 2.3.4).</summary>
    NameLength,

    /// <summary>A record's data is not as long as its type says.</summary>
    DataLength,

    /// <summary>More than one OPT record, or one that is not the root's or not in the additional section.</summary>
    Opt,

    /// <summary>Bytes after the last record.</summary>
    Trailing,
}

/// <summary>What is wrong with a message, and at which byte.</summary>
public readonly record struct DnsFault(DnsFaultKind Kind, int Offset)
{
    public override string ToString()
    {
        var what = Kind switch
        {
            DnsFaultKind.None => "no fault",
            DnsFaultKind.Short => "the message ends too early",
            DnsFaultKind.LabelKind => "a label of an unknown kind",
            DnsFaultKind.Pointer => "a compression pointer that does not point backwards",
            DnsFaultKind.NameLength => $"a name of more than {DnsName.MaxBytes} bytes",
            DnsFaultKind.DataLength => "a record's data does not fit its type",
            DnsFaultKind.Opt => "an OPT record where none may be",
            _ => "bytes after the last record",
        };
        return Kind == DnsFaultKind.None ? what : $"{what}, at byte {Offset}";
    }
}
