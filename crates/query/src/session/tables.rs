//! The tables that SQL sees: the events, and the views over them. Planning a view over all columns
//! takes a while, so each is planned only when it is used.

use std::{iter, sync::Arc};

use async_trait::async_trait;
use datafusion::{
    catalog::{SchemaProvider, TableProvider},
    datasource::ViewTable,
    error::DataFusionError,
    logical_expr::TableType,
    prelude::{SessionConfig, SessionContext},
};

use super::local_time;
use crate::portable::{Dialect, View};

/// The name of the table in SQL.
const EVENTS: &str = "events";

/// One state of the tables; another takes its place as a whole.
#[derive(Debug)]
pub(crate) struct Tables {
    pub(crate) events: Arc<dyn TableProvider>,
    pub(crate) views: Vec<View>,
    /// What views are planned with.
    pub(crate) config: SessionConfig,
}

impl Tables {
    /// Puts the tables in the place of those that the context has, and adds the function of ours that
    /// reports call.
    pub(crate) fn register(self, context: &SessionContext) -> Result<(), DataFusionError> {
        let names = context.state().config_options().catalog.clone();
        let catalog = context.catalog(&names.default_catalog).ok_or_else(|| {
            DataFusionError::Internal(format!("no catalog {}", names.default_catalog))
        })?;
        catalog.register_schema(&names.default_schema, Arc::new(self))?;
        context.register_udf(local_time::function());
        Ok(())
    }

    fn view(&self, name: &str) -> Option<&View> {
        self.views.iter().find(|view| view.name == name)
    }
}

#[async_trait]
impl SchemaProvider for Tables {
    fn table_names(&self) -> Vec<String> {
        let views = self.views.iter().map(|view| view.name);
        iter::once(EVENTS).chain(views).map(str::to_owned).collect()
    }

    fn table_exist(&self, name: &str) -> bool {
        name == EVENTS || self.view(name).is_some()
    }

    async fn table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>, DataFusionError> {
        if name == EVENTS {
            return Ok(Some(Arc::clone(&self.events)));
        }
        let Some(view) = self.view(name) else { return Ok(None) };
        let context = SessionContext::new_with_config(self.config.clone());
        context.register_table(EVENTS, Arc::clone(&self.events))?;
        let query = view
            .query(Dialect::DataFusion)
            .map_err(|error| DataFusionError::External(Box::new(error)))?;
        let plan = context.state().create_logical_plan(&query).await?;
        Ok(Some(Arc::new(ViewTable::new(plan, None))))
    }

    async fn table_type(&self, name: &str) -> Result<Option<TableType>, DataFusionError> {
        let kind = if name == EVENTS { TableType::Base } else { TableType::View };
        Ok(self.table_exist(name).then_some(kind))
    }
}
