using SchemaGen;

// dotnet run --project tools/SchemaGen -- fields.txt OUT
// Reads the model classes of the KubernetesClient package and the hand-written table of what they do not say.
if (args.Length != 2)
{
    Console.Error.WriteLine("usage: SchemaGen FIELDS-TABLE OUTPUT");
    return 2;
}

var table = FieldTable.Read(args[0]);
var models = ModelTypes.Collect();
var text = SchemaWriter.Write(models, table);
foreach (var unused in table.Unused()) Console.Error.WriteLine($"{args[0]}: {unused}: no such field in the models");
File.WriteAllText(args[1], text);
Console.WriteLine($"{args[1]}: {models.Count} types, {text.Length} characters");
return table.Unused().Any() ? 1 : 0;
