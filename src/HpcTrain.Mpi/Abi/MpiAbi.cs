namespace HpcTrain.Mpi;

/// <summary>One ABI's table bound to a loaded library: every constant a field, every handle resolved, nothing looked up later.</summary>
internal sealed class MpiAbi
{
    public readonly MpiFlavor Flavor;
    public readonly int HandleSize;
    public readonly int StatusSize;
    public readonly int StatusSourceOffset;
    public readonly int StatusTagOffset;
    public readonly int StatusErrorOffset;
    public readonly nint InPlace;
    public readonly int AnySource;
    public readonly int AnyTag;
    public readonly int ProcNull;
    public readonly int Undefined;
    public readonly int CommTypeShared;
    public readonly int ErrTruncate;
    public readonly int ErrInStatus;
    public readonly int ErrPending;
    public readonly nint RequestNull;
    public readonly nint CommNull;

    private readonly MpiAbiTable _table;
    private readonly nint[] _handles;

    /// <param name="table">The constants.</param>
    /// <param name="export">Address of an exported object; called for ABIs whose handles are addresses.</param>
    public MpiAbi(MpiAbiTable table, Func<string, nint> export)
    {
        _table = table;
        _handles = [.. Enum.GetValues<MpiHandle>().Select(handle => table.HandleValues is { } values
            ? (nint)values[handle]
            : export(table.HandleSymbols![handle]))];
        Flavor = table.Flavor;
        HandleSize = table.HandleSize;
        StatusSize = table.StatusSize;
        StatusSourceOffset = table.StatusSourceOffset;
        StatusTagOffset = table.StatusTagOffset;
        StatusErrorOffset = table.StatusErrorOffset;
        InPlace = table.InPlace;
        AnySource = table.AnySource;
        AnyTag = table.AnyTag;
        ProcNull = table.ProcNull;
        Undefined = table.Undefined;
        CommTypeShared = table.CommTypeShared;
        ErrTruncate = table.ErrTruncate;
        ErrInStatus = table.ErrInStatus;
        ErrPending = table.ErrPending;
        RequestNull = this[MpiHandle.RequestNull];
        CommNull = this[MpiHandle.CommNull];
    }

    public int TagUpperBoundKey => _table.TagUpperBoundKey;

    public int MaxProcessorName => _table.MaxProcessorName;

    public int MaxLibraryVersion => _table.MaxLibraryVersion;

    public int MaxErrorString => _table.MaxErrorString;

    public nint this[MpiHandle handle] => _handles[(int)handle];

    // The public enums list their members in MpiHandle's order, so a handle is one array access away (a test checks it).
    public nint Handle(MpiDatatype type) => _handles[(int)MpiHandle.Byte + (int)type];

    public nint Handle(MpiOp op) => _handles[(int)MpiHandle.Sum + (int)op];

    public int Value(ThreadLevel level) => _table.ThreadLevels[(int)level];

    /// <summary>The highest level that a library's answer grants.</summary>
    public ThreadLevel ToThreadLevel(int value)
    {
        var level = ThreadLevel.Single;
        for (var candidate = ThreadLevel.Single; candidate <= ThreadLevel.Multiple; candidate++)
        {
            if (Value(candidate) <= value)
                level = candidate;
        }

        return level;
    }
}
