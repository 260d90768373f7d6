using System.Globalization;
using System.Runtime.InteropServices;
using HpcTrain.Mpi;
using HpcTrain.Training.Optimizers;
using HpcTrain.Training.Replication;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

// exactness FOLDER OPTIMIZER DIVISION: trains from weights.f32 on the batches of inputs.f32 and targets.i64 in the folder, one after the other, and leaves parameters-OPTIMIZER-RANKS-DIVISION.f32.
return MpiProgram.Run(
    mpi =>
    {
        var (folder, name, division) = (args[0], args[1], args[2]);
        var shape = File.ReadAllText(Path.Combine(folder, "shape.txt")).Split(' ').Select(word => int.Parse(word, CultureInfo.InvariantCulture)).ToArray();
        var (features, hidden, classes, batch, steps) = (shape[0], shape[1], shape[2], shape[3], shape[4]);
        set_num_threads(1);
        using var module = Sequential(("hidden", Linear(features, hidden)), ("relu", ReLU()), ("output", Linear(hidden, classes)));
        var weights = Read<float>("weights.f32");
        var next = 0;
        foreach (var parameter in module.parameters())
        {
            using var quiet = no_grad();
            var count = (int)parameter.numel();
            parameter.copy_(tensor(weights[next..(next + count)]).view(parameter.shape));
            next += count;
        }

        using var replicas = new DataParallel(module, mpi.World, new() { Sharding = Enum.Parse<StepSharding>(division, ignoreCase: true), BucketBytes = 256 << 10 });
        FlatOptimizer optimizer = name == "adam" ? new Adam() : new Sgd(momentum: 0.9, weightDecay: 5e-4);
        replicas.Prepare(optimizer);
        var (inputs, targets) = (Read<float>("inputs.f32"), Read<long>("targets.i64"));
        var mine = batch / mpi.World.Size;
        for (var step = 0; step < steps; step++)
        {
            using var scope = NewDisposeScope();
            var first = (step * batch) + (mpi.World.Rank * mine);
            var input = tensor(inputs[(first * features)..((first + mine) * features)]).view(mine, features);
            var loss = functional.cross_entropy(module.call(input), tensor(targets[first..(first + mine)]));
            replicas.Backward(loss * DataParallel.LossWeight(mine, batch));
            replicas.Step(optimizer, name == "adam" ? 1e-3 : 0.05);
        }

        replicas.CheckEqual();
        if (mpi.World.Rank == 0)
        {
            var values = module.parameters().SelectMany(p => p.data<float>().ToArray()).ToArray();
            File.WriteAllBytes(Path.Combine(folder, $"parameters-{name}-{mpi.World.Size}-{division}.f32"), MemoryMarshal.AsBytes<float>(values).ToArray());
            Console.WriteLine($"{replicas.Division}, {replicas.Algorithm}");
        }

        return 0;

        T[] Read<T>(string file)
            where T : unmanaged
            => MemoryMarshal.Cast<byte, T>(File.ReadAllBytes(Path.Combine(folder, file))).ToArray();
    },
    ThreadLevel.Serialized);
