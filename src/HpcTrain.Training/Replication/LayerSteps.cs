using HpcTrain.Collectives;
using HpcTrain.Training.Optimizers;

namespace HpcTrain.Training.Replication;

/// <summary>
/// Steps a <see cref="LayerwiseOptimizer"/>: finds which pieces of which layers this rank steps, and where the ranks divide the step adds up the squares of each layer over all of them, in the
/// order of ranks, so that all have the same bits.
/// </summary>
internal sealed class LayerSteps
{
    private readonly FlatModel _model;
    private readonly List<Piece> _pieces = [];
    private readonly CollectiveCommunicator? _communicator;

    /// <param name="model">The replica.</param>
    /// <param name="parts">What this rank steps.</param>
    /// <param name="communicator">The ranks, where each has a part; null where each steps all.</param>
    public LayerSteps(FlatModel model, IReadOnlyList<OwnPart> parts, CollectiveCommunicator? communicator)
    {
        (_model, _communicator) = (model, communicator);
        foreach (var part in parts)
        {
            for (var i = 0; i < model.Slots.Count; i++)
            {
                var slot = model.Slots[i];
                var (begin, end) = (Math.Max(slot.Offset, part.Offset), Math.Min(slot.Offset + slot.Count, part.Offset + part.Length));
                if (begin < end)
                {
                    _pieces.Add(new(i, begin, end - begin, part.StateOffset + begin - part.Offset, LayerwiseOptimizer.Adapts(slot.Shape)));
                }
            }
        }
    }

    /// <summary>A step; a collective call where the ranks divide it.</summary>
    public void Step(LayerwiseOptimizer optimizer, double learningRate)
    {
        var squares = new LayerSquares[_model.Slots.Count];
        foreach (var piece in _pieces)
        {
            squares[piece.Slot] += optimizer.Direct(
                _model.Values.Slice(piece.Offset, piece.Length), _model.Gradients.Slice(piece.Offset, piece.Length), piece.StateOffset, piece.Adapts);
        }

        AddUp(squares);
        foreach (var piece in _pieces)
        {
            optimizer.StepPart(
                _model.Values.Slice(piece.Offset, piece.Length), _model.Gradients.Slice(piece.Offset, piece.Length), piece.StateOffset,
                learningRate * (piece.Adapts ? optimizer.Trust(squares[piece.Slot]) : 1));
        }

        optimizer.EndStep();
    }

    private void AddUp(LayerSquares[] squares)
    {
        if (_communicator is null)
        {
            return;
        }

        var mine = squares.SelectMany(s => new[] { s.Values, s.Updates }).ToArray();
        var all = new double[mine.Length * _communicator.Size];
        _communicator.AllGather<double>(mine, all);
        for (var i = 0; i < squares.Length; i++)
        {
            squares[i] = default;
            for (var place = 2 * i; place < all.Length; place += mine.Length)
            {
                squares[i] += new LayerSquares(all[place], all[place + 1]);
            }
        }
    }

    /// <summary>A piece of a layer that this rank steps.</summary>
    private readonly record struct Piece(int Slot, int Offset, int Length, int StateOffset, bool Adapts);
}
