using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CharTransformer;

/// <summary>
/// Ids [samples, characters] to vectors [samples, characters, width]: one of the character plus one of its place. Samples longer
/// than the context are cut into pieces of that length, each a sample of its own.
/// </summary>
internal sealed class CharacterEmbedding : Module<Tensor, Tensor>
{
    private readonly int _context;
    private readonly Embedding token;
    private readonly Embedding position;

    public CharacterEmbedding(ModelShape shape) : base(nameof(CharacterEmbedding))
    {
        _context = shape.Context;
        token = Weights.Embedding(shape.Symbols, shape.Width);
        position = Weights.Embedding(shape.Context, shape.Width);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var ids = input.shape[1] > _context ? input.reshape(-1, _context) : input;
        return (token.call(ids) + position.call(arange(ids.shape[1]))).MoveToOuterDisposeScope();
    }
}
