using HpcTrain.Benchmarking.Measuring;
using HpcTrain.Benchmarking.Workloads;
using HpcTrain.Collectives;
using HpcTrain.Kernels;
using HpcTrain.Mpi;

namespace HpcTrain.Benchmarking.Peers;

/// <summary>The MPI library's own collective.</summary>
internal sealed unsafe class VendorCall : Contender
{
    private readonly Intracommunicator _world;
    private readonly Workload _work;
    private readonly void* _source;
    private readonly void* _destination;
    private readonly long _count;
    private readonly MpiDatatype _type;
    private readonly MpiOp _op;
    private Request _request;

    /// <param name="world">The ranks.</param>
    /// <param name="work">What to do; one that <see cref="WhyNot"/> has nothing against.</param>
    /// <param name="source">This rank's contribution, laid out as MPI wants it.</param>
    /// <param name="destination">Where its result goes.</param>
    /// <param name="label">What it is called in messages.</param>
    public VendorCall(Intracommunicator world, Workload work, void* source, void* destination, string label)
    {
        _world = world;
        _work = work;
        _source = source;
        _destination = destination;
        Label = label;
        _type = TypeOf(work.Type);
        _count = work.BlockCount * (work.Type.SizeInBytes() / _type.SizeInBytes());
        _op = work.Collective.Reduces() ? OpOf(work.Op) : default;
    }

    public override string Label { get; }

    /// <summary>Why MPI has no such call, or null.</summary>
    public static string? WhyNot(Workload work)
    {
        if (!work.Collective.Reduces())
            return null;
        if (work.Type is ElementType.F16 or ElementType.BF16)
            return $"MPI cannot reduce {work.Type.Name()}";
        return work.Op is ReduceOp.Avg or ReduceOp.PreMulSum ? $"MPI has no operation {work.Op.Name()}" : null;
    }

    public override void Run()
    {
        switch (_work.Collective)
        {
            case CollectiveKind.AllReduce: _world.AllReduce(_source, _destination, _count, _type, _op); break;
            case CollectiveKind.ReduceScatter: _world.ReduceScatterBlock(_source, _destination, _count, _type, _op); break;
            case CollectiveKind.AllGather: _world.AllGather(_source, _destination, _count, _type); break;
            case CollectiveKind.Reduce: _world.Reduce(_source, _destination, _count, _type, _op, _work.Root); break;
            case CollectiveKind.Broadcast: _world.Broadcast(_destination, _count, _type, _work.Root); break;
            case CollectiveKind.Gather: _world.Gather(_source, _destination, _count, _type, _work.Root); break;
            case CollectiveKind.Scatter: _world.Scatter(_source, _destination, _count, _type, _work.Root); break;
            case CollectiveKind.AllToAll: _world.AllToAll(_source, _destination, _count, _type); break;
            default: _world.Barrier(); break;
        }
    }

    public override void Start() => _request = _work.Collective switch
    {
        CollectiveKind.AllReduce => _world.ImmediateAllReduce(_source, _destination, _count, _type, _op),
        CollectiveKind.ReduceScatter => _world.ImmediateReduceScatterBlock(_source, _destination, _count, _type, _op),
        CollectiveKind.AllGather => _world.ImmediateAllGather(_source, _destination, _count, _type),
        CollectiveKind.Reduce => _world.ImmediateReduce(_source, _destination, _count, _type, _op, _work.Root),
        CollectiveKind.Broadcast => _world.ImmediateBroadcast(_destination, _count, _type, _work.Root),
        CollectiveKind.Gather => _world.ImmediateGather(_source, _destination, _count, _type, _work.Root),
        CollectiveKind.Scatter => _world.ImmediateScatter(_source, _destination, _count, _type, _work.Root),
        CollectiveKind.AllToAll => _world.ImmediateAllToAll(_source, _destination, _count, _type),
        _ => _world.ImmediateBarrier(),
    };

    public override bool Test() => _request.Test();

    public override void Wait() => _request.Wait();

    private static MpiDatatype TypeOf(ElementType type) => type switch
    {
        ElementType.F32 => MpiDatatype.Float32,
        ElementType.F64 => MpiDatatype.Float64,
        ElementType.I8 => MpiDatatype.Int8,
        ElementType.U8 => MpiDatatype.UInt8,
        ElementType.I16 => MpiDatatype.Int16,
        ElementType.U16 => MpiDatatype.UInt16,
        ElementType.I32 => MpiDatatype.Int32,
        ElementType.U32 => MpiDatatype.UInt32,
        ElementType.I64 => MpiDatatype.Int64,
        ElementType.U64 => MpiDatatype.UInt64,
        _ => MpiDatatype.Byte,
    };

    private static MpiOp OpOf(ReduceOp op) => op switch
    {
        ReduceOp.Sum => MpiOp.Sum,
        ReduceOp.Prod => MpiOp.Prod,
        ReduceOp.Min => MpiOp.Min,
        ReduceOp.Max => MpiOp.Max,
        ReduceOp.BitAnd => MpiOp.BitwiseAnd,
        ReduceOp.BitOr => MpiOp.BitwiseOr,
        ReduceOp.BitXor => MpiOp.BitwiseXor,
        _ => throw new ArgumentOutOfRangeException(nameof(op), op, "MPI has no such operation."),
    };
}
