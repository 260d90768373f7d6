using HpcTrain.Bench.Executor;

OverheadRows.Print();
Console.WriteLine();
CopyFloor.Print();
Console.WriteLine();
VerifierRows.Print();
