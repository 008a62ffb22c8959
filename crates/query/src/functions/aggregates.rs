//! `count_if`, `max_by` and `min_by`.

use std::{cmp::Ordering, sync::LazyLock};

use datafusion::{
    arrow::{
        array::{Array, ArrayRef, AsArray, BooleanArray},
        compute::{SortOptions, sort_to_indices, sum},
        datatypes::{DataType, Field, FieldRef, Int64Type},
    },
    error::DataFusionError,
    functions_aggregate::count::count_udaf,
    logical_expr::{
        Accumulator, AggregateUDF, AggregateUDFImpl, Documentation, Expr, Signature, Volatility,
        expr::AggregateFunction,
        function::{AccumulatorArgs, AggregateFunctionSimplification, StateFieldsArgs},
        lit, when,
    },
    scalar::ScalarValue,
};

use super::documented;

pub(super) fn functions() -> [AggregateUDF; 3] {
    let by = |name, order, word: &str| {
        let description = format!("Returns the value of the row whose key is the {word}.");
        AggregateUDF::new_from_impl(By {
            name,
            order,
            documentation: documented(&format!("{name}(value, key)"), &description),
            signature: Signature::any(2, Volatility::Immutable),
        })
    };
    let signature = Signature::exact(vec![DataType::Boolean], Volatility::Immutable);
    [
        AggregateUDF::new_from_impl(CountIf { signature }),
        by("max_by", Order::Greatest, "greatest"),
        by("min_by", Order::Least, "least"),
    ]
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct CountIf {
    signature: Signature,
}

impl AggregateUDFImpl for CountIf {
    fn name(&self) -> &'static str {
        "count_if"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn documentation(&self) -> Option<&Documentation> {
        static TEXT: LazyLock<Documentation> = LazyLock::new(|| {
            documented("count_if(condition)", "Returns for how many rows a condition is true.")
        });
        Some(&TEXT)
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType, DataFusionError> {
        Ok(DataType::Int64)
    }

    fn is_nullable(&self) -> bool {
        false
    }

    fn default_value(&self, _: &DataType) -> Result<ScalarValue, DataFusionError> {
        Ok(ScalarValue::Int64(Some(0)))
    }

    /// The engine counts groups at once; where it cannot be asked to, rows are counted here.
    fn simplify(&self) -> Option<AggregateFunctionSimplification> {
        Some(Box::new(|call: AggregateFunction, _| {
            let mut parameters = call.params;
            let counted =
                parameters.args.into_iter().map(|condition| when(condition, lit(1_i64)).end());
            parameters.args = counted.collect::<Result<_, _>>()?;
            Ok(Expr::AggregateFunction(AggregateFunction {
                func: count_udaf(),
                params: parameters,
            }))
        }))
    }

    fn accumulator(&self, _: AccumulatorArgs) -> Result<Box<dyn Accumulator>, DataFusionError> {
        Ok(Box::new(Counted(0)))
    }

    fn create_sliding_accumulator(
        &self,
        _: AccumulatorArgs,
    ) -> Result<Box<dyn Accumulator>, DataFusionError> {
        Ok(Box::new(Counted(0)))
    }
}

#[derive(Debug)]
struct Counted(i64);

impl Counted {
    fn of(values: &[ArrayRef]) -> i64 {
        let conditions = values.first().and_then(|values| values.as_boolean_opt());
        let trues = conditions.map(BooleanArray::true_count);
        trues.and_then(|trues| i64::try_from(trues).ok()).unwrap_or(0)
    }
}

impl Accumulator for Counted {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<(), DataFusionError> {
        self.0 += Self::of(values);
        Ok(())
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<(), DataFusionError> {
        self.0 -= Self::of(values);
        Ok(())
    }

    fn supports_retract_batch(&self) -> bool {
        true
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<(), DataFusionError> {
        let counts = states.first().and_then(|counts| counts.as_primitive_opt::<Int64Type>());
        self.0 += counts.and_then(sum).unwrap_or(0);
        Ok(())
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>, DataFusionError> {
        Ok(vec![self.evaluate()?])
    }

    fn evaluate(&mut self) -> Result<ScalarValue, DataFusionError> {
        Ok(ScalarValue::Int64(Some(self.0)))
    }

    fn size(&self) -> usize {
        size_of::<Self>()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Order {
    Greatest,
    Least,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct By {
    name: &'static str,
    order: Order,
    documentation: Documentation,
    signature: Signature,
}

impl AggregateUDFImpl for By {
    described!();

    fn return_type(&self, given: &[DataType]) -> Result<DataType, DataFusionError> {
        Ok(given.first().cloned().unwrap_or(DataType::Null))
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>, DataFusionError> {
        let nothing = |number: usize| {
            let field = args.expr_fields.get(number);
            ScalarValue::try_from(field.map_or(&DataType::Null, |field| field.data_type()))
        };
        Ok(Box::new(Best { order: self.order, value: nothing(0)?, key: nothing(1)? }))
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>, DataFusionError> {
        let fields = args.input_fields.iter().zip(["value", "key"]).map(|(field, part)| {
            let name = format!("{}[{part}]", args.name);
            Field::new(name, field.data_type().clone(), true).into()
        });
        Ok(fields.collect())
    }
}

/// The best row so far. A row without a key is none.
#[derive(Debug)]
struct Best {
    order: Order,
    value: ScalarValue,
    key: ScalarValue,
}

impl Accumulator for Best {
    fn update_batch(&mut self, columns: &[ArrayRef]) -> Result<(), DataFusionError> {
        let [values, keys] = columns else { return Ok(()) };
        if keys.null_count() == keys.len() {
            return Ok(());
        }
        let options = SortOptions { descending: self.order == Order::Greatest, nulls_first: false };
        let first = sort_to_indices(keys, Some(options), Some(1))?;
        let Some(row) = first.values().first() else { return Ok(()) };
        let row = *row as usize;
        let key = ScalarValue::try_from_array(keys, row)?;
        let is_better = match (self.order, key.partial_cmp(&self.key)) {
            _ if self.key.is_null() => true,
            (Order::Greatest, Some(Ordering::Greater)) | (Order::Least, Some(Ordering::Less)) => {
                true
            }
            _ => false,
        };
        if is_better {
            self.value = ScalarValue::try_from_array(values, row)?.compacted();
            self.key = key.compacted();
        }
        Ok(())
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<(), DataFusionError> {
        self.update_batch(states)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>, DataFusionError> {
        Ok(vec![self.value.clone(), self.key.clone()])
    }

    fn evaluate(&mut self) -> Result<ScalarValue, DataFusionError> {
        Ok(self.value.clone())
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.value.size() + self.key.size()
    }
}
