using HpcTrain.Training.Replication;
using static TorchSharp.torch;

namespace HpcTrain.Training.Servers;

/// <summary>
/// An embedding whose table is on servers (<see cref="RowTable"/>): indices [...] of any whole type to rows [..., width]. Forward pulls each row that a batch needs once; backward leaves the
/// gradients of these rows only, which <see cref="Push"/> hands to the servers. The table is no parameter of the module, so no rank needs to have room for it.
/// </summary>
/// <remarks>
/// While ranks call it the servers of all ranks have to answer (<see cref="ParameterServer.Resume"/> and <see cref="ParameterServer.Settle"/>). With gradients enabled each forward is followed by
/// <see cref="Push"/>, which several may share.
/// </remarks>
public sealed class ServedEmbedding : nn.Module<Tensor, Tensor>
{
    private readonly RowTable _table;
    private readonly List<(int[] Rows, Tensor Values)> _pulled = [];

    /// <param name="table">The table, which stays the server's.</param>
    public ServedEmbedding(RowTable table) : base(nameof(ServedEmbedding)) => _table = table;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">An index is not in the table.</exception>
    /// <exception cref="ServerException">A server does not answer.</exception>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var (rows, places) = Distinct(input.to(ScalarType.Int64).contiguous().data<long>().ToArray());
        var pulled = new float[rows.Length * _table.Width];
        _table.Pull(rows, pulled);
        var values = tensor(pulled).view(rows.Length, _table.Width).detach();
        if (is_grad_enabled())
        {
            values.requires_grad_();
            _pulled.Add((rows, values.DetachFromDisposeScope()));
        }

        return values.index_select(0, tensor(places)).view([.. input.shape, _table.Width]).MoveToOuterDisposeScope();
    }

    /// <summary>Hands the gradients that backward has left to the servers, which step these rows.</summary>
    /// <param name="rate">The learning rate.</param>
    /// <exception cref="ServerException">A server does not answer.</exception>
    public void Push(double rate)
    {
        foreach (var (rows, values) in _pulled)
        {
            using (values)
            using (var gradient = values.grad)
            {
                if (gradient is not null)
                {
                    using var plain = gradient.contiguous();
                    _table.Push(rows, TensorMemory.Floats(plain), rate);
                }
            }
        }

        _pulled.Clear();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        foreach (var (_, values) in _pulled)
        {
            values.Dispose();
        }

        _pulled.Clear();
        base.Dispose(disposing);
    }

    private static (int[] Rows, long[] Places) Distinct(long[] indices)
    {
        var (rows, places) = (new Dictionary<long, int>(indices.Length), new long[indices.Length]);
        for (var i = 0; i < indices.Length; i++)
        {
            if (!rows.TryGetValue(indices[i], out var place))
            {
                rows[indices[i]] = place = rows.Count;
            }

            places[i] = place;
        }

        return ([.. rows.Keys.Select(row => checked((int)row))], places);
    }
}
