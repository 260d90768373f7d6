using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharpTests.Reference;
using F = TorchSharp.torch.nn.functional;

namespace TorchSharpTests.Optim;

/// <summary>A transformer that is written as users of TorchSharp do: blocks of their own in a list, attention by hand or by the function.</summary>
public sealed class DecoderTests
{
    private sealed class Block : Module<Tensor, Tensor>
    {
        private readonly long heads;
        private readonly bool byHand;
        private readonly LayerNorm norm1;
        private readonly Linear qkv;
        private readonly Linear proj;
        private readonly LayerNorm norm2;
        private readonly Sequential mlp;

        public Block(long width, long heads, bool byHand) : base(nameof(Block))
        {
            (this.heads, this.byHand) = (heads, byHand);
            norm1 = LayerNorm(width);
            qkv = Linear(width, 3 * width);
            proj = Linear(width, width);
            norm2 = LayerNorm(width);
            mlp = Sequential(Linear(width, 4 * width), GELU(), Linear(4 * width, width));
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var (samples, length, width) = (input.shape[0], input.shape[1], input.shape[2]);
            var parts = qkv.call(norm1.call(input)).view(samples, length, 3, heads, width / heads).permute(2, 0, 3, 1, 4).unbind(0);
            var (q, k, v) = (parts[0], parts[1], parts[2]);
            var mixed = byHand ? ByHand(q, k, v, length) : F.scaled_dot_product_attention(q, k, v, is_casual: true);
            var x = input + proj.call(mixed.transpose(1, 2).reshape(samples, length, width));
            return (x + mlp.call(norm2.call(x))).MoveToOuterDisposeScope();
        }

        private static Tensor ByHand(Tensor q, Tensor k, Tensor v, long length)
        {
            var scores = q.matmul(k.transpose(-2, -1)) / Math.Sqrt(q.shape[^1]);
            return F.softmax(scores.masked_fill(ones(length, length).triu(1) == 1, float.NegativeInfinity), -1).matmul(v);
        }
    }

    private sealed class Decoder : Module<Tensor, Tensor>
    {
        private readonly Embedding token;
        private readonly Embedding position;
        private readonly ModuleList<Block> blocks;
        private readonly LayerNorm norm;
        private readonly Linear head;

        public Decoder(long symbols, long width, long heads, long length, int depth, bool byHand) : base(nameof(Decoder))
        {
            token = Embedding(symbols, width);
            position = Embedding(length, width);
            blocks = ModuleList([.. Enumerable.Range(0, depth).Select(_ => new Block(width, heads, byHand))]);
            norm = LayerNorm(width);
            head = Linear(width, symbols, hasBias: false);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var x = token.call(input) + position.call(arange(input.shape[1]));
            foreach (var block in blocks) x = block.call(x);
            return head.call(norm.call(x)).MoveToOuterDisposeScope();
        }
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Twenty_steps_from_equal_weights_are_PyTorchs(bool byHand)
    {
        using var scope = NewDisposeScope();
        using var model = FromWaves(new Decoder(7, 8, 2, 6, 2, byHand).to(ScalarType.Float64));

        using var optimizer = optim.AdamW(model.parameters(), 0.01, weight_decay: 0.01);
        var losses = new List<double>();
        for (var step = 0; step < 20; step++)
        {
            optimizer.zero_grad();
            var text = tensor([.. Enumerable.Range(0, 28).Select(i => (long)(((i % 7 * (i % 7)) + (i / 7) + step) % 7))]).reshape(4, 7);
            var loss = F.cross_entropy(model.call(text[.., ..6]).flatten(0, 1), text[.., 1..].flatten());
            loss.backward();
            optimizer.step();
            losses.Add(loss.item<double>());
        }

        Assert.Multiple(() =>
        {
            Assert.That(losses, Is.EqualTo(Get("transformer.losses")).Within(1e-9));
            foreach (var (name, tensor) in model.state_dict())
                Assert.That(Values(tensor), Is.EqualTo(Get("transformer." + name)).Within(1e-7), name);
        });
    }

    [Test]
    public void Sampling_draws_PyTorchs_numbers_from_the_seed_on()
    {
        using var scope = NewDisposeScope();
        var odds = F.softmax(2 * Wave([3, 6]), 1);
        using var generator = new Generator(7);
        Assert.Multiple(() =>
        {
            Assert.That(Values(multinomial(odds, 9, replacement: true, generator: generator)), Is.EqualTo(Get("multinomial")));
            Assert.That(Values(odds.multinomial(4, generator: generator)), Is.EqualTo(Get("multinomial.distinct")));
            Assert.That(Values(Wave([3, 6]).argmax(1)), Is.EqualTo(Get("argmax")));
        });
    }
}
